import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { rowClasses } from '../../src/domain/class.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { readableViews } from '../../src/ledger/engine/role-grants.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { openReportWorld, par, plantCalls } from '../report/report-world.ts';

const page = await readFile(new URL('../../docs/sql.md', import.meta.url), 'utf8');

/** Column and type of each row of the table under a view's heading. */
function documented(view: string): { column: string; type: string }[] {
  const section = page.split(`\n## ${view}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `(?<column>\w+)` \| (?<type>\w+) \|/gm)].map(({ groups }) => ({
    column: groups?.['column'] ?? '',
    type: groups?.['type'] ?? '',
  }));
}

const questions = [...page.matchAll(/^```sql\n(?<sql>[^`]+);\n```$/gm)].map(
  ({ groups }) => groups?.['sql'] ?? '',
);

/** One record of each kind: a customer's, one failing long, one settled, one enrolled. */
async function plantRecords(ledger: Ledger, runNo: number): Promise<void> {
  await ledger.query(
    `insert into enrollment (provider, user_id, par, status, code, nights, since, last_run_no, resolution_no)
     values ('p', '11', $1, 'action_required', '007_031', 1, '2026-11-20T16:00:00Z', $5, null),
            ('p', '12', $2, 'transient', null, 4, '2026-11-18T16:00:00Z', $5, null),
            ('p', '13', $3, 'conflict', '007_012', 0, '2026-11-18T16:00:00Z', $5, 1),
            ('p', '14', $4, 'enrolled', '000_000', 0, '2026-11-18T16:00:00Z', $5, null)`,
    [par(1), par(2), par(3), par(4), runNo],
  );
  await ledger.query(
    `insert into break (provider, kind, job, user_id, par, first_seen_at, first_night, last_seen_at,
                        state, explained_at, explained_by, note)
     select 'p', 'not_enrolled', 'nightly', user_id, par, '2026-11-20T16:00:00Z', '2026-11-20', '2026-11-20T16:00:00Z',
            state, case when state = 'explained' then '2026-11-20T17:00:00Z'::timestamptz end,
            case when state = 'explained' then 'kim@desk' end, case when state = 'explained' then 'known' end
     from (values ('11', $1, 'open'), ('12', $2, 'open'), ('13', $3, 'explained')) as b(user_id, par, state)`,
    [par(1), par(2), par(3)],
  );
  await ledger.query(
    `insert into resolution (record_no, class, code, resolved_at, resolved_by, note)
     values (3, 'conflict', '007_012', '2026-11-21T00:00:00Z', 'kim@desk', 'has left')`,
  );
}

describe.each(ledgerEngines)('the views for people with SQL ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('have the columns docs/sql.md promises, in its order and of its types', async () => {
    await using setup = await openTestLedger(engine);
    for (const view of readableViews) {
      const columns = await setup.ledger.query<{ column: string; type: string }>(
        `select column_name::text as "column",
                case data_type when 'timestamp with time zone' then 'timestamptz' else data_type::text end as type
         from information_schema.columns where table_schema = current_schema() and table_name = $1 order by ordinal_position`,
        [view],
      );
      expect(columns.length).toBeGreaterThan(10);
      expect(columns).toEqual(documented(view));
    }
  });

  it('answer the questions of docs/sql.md', async () => {
    const rows = [{ cells: ['1', par(1)], class: 'enrolled' as const, attempts: 1 }];
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    const { ledger, runNo } = world;
    await ledger.query(`update run set state = 'complete' where run_no = $1`, [runNo]);
    await plantRecords(ledger, runNo);
    const answers = [];
    for (const question of questions) answers.push(await ledger.query<Record<string, unknown>>(question));
    expect(answers).toHaveLength(7);
    expect(answers).toMatchObject([
      [{ user_id: '11', code: '007_031', nights: 1 }],
      [{ user_id: '12', class: 'transient', who_must_act: 'operations' }],
      [{ state: 'complete', rows_read: 1, totals_agree: true, success: 1, failed: 0, unprocessed: 0 }],
      [
        { who_must_act: 'customer', class: 'action_required', records: '1' },
        { who_must_act: 'operations', class: 'transient', records: '1' },
      ],
      [{ job: 'nightly', enrolled: '1', calls: '0' }],
      [{ user_id: '13', resolved_by: 'kim@desk', resolved_note: 'has left' }],
      [{ kind: 'not_enrolled', job: 'nightly', breaks: '2' }],
    ]);
  });

  it('sum a run up: every class, its calls, and whether its totals agree', async () => {
    const rows = rowClasses.map((name, index) =>
      name === 'duplicate'
        ? { cells: ['1', par(1)], class: name, sameAsRow: 1 }
        : { cells: [String(index), par(index)], class: name },
    );
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    const { ledger, runNo } = world;
    await plantCalls(ledger, runNo, [{ rowNo: 1, atMs: 1, latencyMs: 5 }]);
    const summary = async (): Promise<Record<string, unknown> | undefined> =>
      (await ledger.query<Record<string, unknown>>('select * from run_summary'))[0];
    expect(await summary()).toMatchObject({
      ...Object.fromEntries(rowClasses.map((name) => [name, 1])),
      rows_read: rowClasses.length,
      resolved: 0,
      calls: 1,
      totals_agree: true,
      exit_code: 3,
    });
    await ledger.query('delete from list_row where run_no = $1 and row_no = 1', [runNo]);
    expect(await summary()).toMatchObject({ enrolled: 0, totals_agree: false });
    await ledger.query('update run set finished_at = null');
    expect(await summary()).toMatchObject({ totals_agree: null });
  });

  it('find one member, or one PAR, by an index', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await ledger.query(
      `insert into enrollment (provider, user_id, par)
       select 'p', n::text, 'P' || lpad(n::text, 26, '0') from generate_series(1, 5000) as n`,
    );
    await ledger.query('analyze enrollment');
    for (const [condition, index] of [
      [`user_id = '4711'`, 'enrollment_user_id_provider_par_key'],
      [`par = 'P${'4711'.padStart(26, '0')}'`, 'enrollment_par'],
    ] as const) {
      const plan = await ledger.query<Record<string, string>>(
        `explain select * from enrollment_status where ${condition}`,
      );
      const text = plan.map((line) => Object.values(line).join('')).join('\n');
      expect(text).toContain(index);
      expect(text).not.toMatch(/Seq Scan on enrollment/);
    }
  });
});
