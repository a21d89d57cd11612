import { describe, expect, test } from 'vitest';
import type { RowClass } from '../../src/domain/class.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { readNightChanges, type NightChangeRow } from '../../src/ledger/proofs/night-changes.ts';
import { keepNightDifference } from '../../src/ledger/proofs/night-difference.ts';
import { countSameListNights } from '../../src/ledger/proofs/same-list.ts';
import { createRun, readRun, type RunRow } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'truth';
const none = { added: 0, gone: 0, parChanged: 0, newlyFailing: 0, cured: 0, stillFailing: [] };

interface PlantedRow {
  readonly user: string;
  readonly par: number;
  readonly class: RowClass;
  readonly nights?: number;
  readonly lastAt?: string;
}

interface PlantedRun {
  readonly night: string;
  readonly list?: string;
  readonly job?: string;
  readonly kind?: 'list' | 'retry';
  readonly state?: 'complete' | 'superseded';
  readonly rows: readonly PlantedRow[];
}

function parOf(par: number): string {
  return `PAR${String(par).padStart(24, '0')}`;
}

/** Row `par` of member `user` in a class. */
function row(user: string, par: number, rowClass: RowClass, more: Partial<PlantedRow> = {}): PlantedRow {
  return { user, par, class: rowClass, ...more };
}

let planted = 0;

async function plant(ledger: Ledger, run: PlantedRun): Promise<RunRow> {
  planted += 1;
  const { run_no: runNo } = await createRun(ledger, {
    id: `run-${planted}`,
    job: run.job ?? 'nightly',
    provider,
    kind: run.kind ?? 'list',
    night: run.night,
    listName: run.list ?? 'list.csv',
    content: `content ${planted}`,
    again: false,
    settings: {},
    startedAt: new Date(`${run.night}T16:00:00Z`),
  });
  const ofRows = (value: (planted: PlantedRow) => string | number | null) => run.rows.map(value);
  await ledger.query(
    `insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled, nights, last_attempt_at, first_row_no)
     select $1, i.row_no, i.row_no + 1, '{}', i.user_id, i.par, i.class, true, i.nights, i.last_at::timestamptz,
            case when i.class = 'duplicate' then 1 end
     from unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::text[]) with ordinality
            as i(user_id, par, class, nights, last_at, row_no)`,
    [
      runNo,
      ofRows((one) => one.user),
      ofRows((one) => parOf(one.par)),
      ofRows((one) => one.class),
      ofRows((one) => one.nights ?? 0),
      ofRows((one) => one.lastAt ?? null),
    ],
  );
  await ledger.query(
    `update run set state = $2, rows_read = 0, exit_code = 0, finished_at = started_at where run_no = $1`,
    [runNo, run.state ?? 'complete'],
  );
  return await readRun(ledger, runNo);
}

async function plantRecord(
  ledger: Ledger,
  one: {
    readonly user: string;
    readonly par: number;
    readonly firstAt: string;
    readonly wasSuccess: boolean;
  },
): Promise<void> {
  await ledger.query(
    `insert into enrollment (provider, user_id, par, status, first_attempt_at, first_success_at)
     values ($1, $2, $3, 'conflict', $4::timestamptz, case when $5 then $4::timestamptz end)`,
    [provider, one.user, parOf(one.par), one.firstAt, one.wasSuccess],
  );
}

describe.each(ledgerEngines)('the difference from the night before ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;
  const setup = async () => {
    const opened = await openTestLedger(engine);
    const { ledger } = opened;
    return {
      ledger,
      plant: async (run: PlantedRun) => await plant(ledger, run),
      read: async (run: RunRow, timeZone = 'Asia/Seoul') => {
        const { failing: _failing, ...figures } = await keepNightDifference(ledger, run, timeZone);
        return figures;
      },
      readFailing: async (run: RunRow) => (await keepNightDifference(ledger, run, 'Asia/Seoul')).failing,
      readRows: async (run: RunRow) => {
        const rows: NightChangeRow[] = [];
        for await (const page of readNightChanges(ledger, run.run_no)) rows.push(...page);
        return rows;
      },
      [Symbol.asyncDispose]: async () => {
        await opened[Symbol.asyncDispose]();
      },
    };
  };

  it('counts what is new, gone, under another PAR, failing, cured; repeats and the rejected are no records', async () => {
    await using world = await setup();
    const before = await world.plant({
      night: '2026-11-20',
      rows: [
        row('1', 1, 'enrolled'),
        row('2', 2, 'enrolled'),
        row('3', 3, 'bad_data'),
        row('4', 4, 'transient', { nights: 2 }),
        row('5', 5, 'enrolled'),
        row('6', 6, 'disputed'),
      ],
    });
    const now = await world.plant({
      night: '2026-11-21',
      rows: [
        row('1', 1, 'already_done'),
        // Member 2 has another card; it fails.
        row('2', 22, 'conflict'),
        row('3', 3, 'enrolled'),
        row('4', 4, 'ambiguous', { nights: 3, lastAt: '2026-11-21T16:00:00Z' }),
        row('4', 4, 'duplicate'),
        // Disputed then is not failed then.
        row('6', 6, 'action_required'),
        row('7', 7, 'enrolled'),
      ],
    });
    expect(await world.read(now)).toEqual({
      comparedWith: { runId: before.id, night: '2026-11-20' },
      added: 2,
      gone: 2,
      parChanged: 1,
      newlyFailing: 2,
      cured: 1,
      stillFailing: [{ nights: 3, records: 1 }],
    });
    const rows = await world.readRows(now);
    const told = rows.map((one) => [
      one.change,
      one.user_id,
      one.par,
      one.previous_par,
      one.previous_class,
      one.class,
      one.line,
      one.previous_line,
    ]);
    // As many of each as the figures say; kept once, however often the run comes to its end.
    expect(told).toEqual([
      ['new', '2', parOf(22), null, null, 'conflict', 3, null],
      ['new', '7', parOf(7), null, null, 'enrolled', 8, null],
      ['gone', '2', parOf(2), null, 'enrolled', null, null, 3],
      ['gone', '5', parOf(5), null, 'enrolled', null, null, 6],
      ['changed', '2', parOf(22), parOf(2), 'enrolled', 'conflict', 3, 3],
      ['newly_failing', '2', parOf(22), null, null, 'conflict', 3, null],
      ['newly_failing', '6', parOf(6), null, 'disputed', 'action_required', 7, 7],
      ['cured', '3', parOf(3), null, 'bad_data', 'enrolled', 4, 4],
    ]);
    expect(rows.map((one) => one.previous_run)).toEqual([
      null,
      null,
      before.id,
      before.id,
      before.id,
      null,
      before.id,
      before.id,
    ]);
    await world.read(now);
    expect(await world.readRows(now)).toEqual(rows);
  });

  it('tells what fails by cause and age, also on a first night', async () => {
    await using world = await setup();
    const run = await world.plant({
      night: '2026-11-21',
      rows: [
        row('1', 1, 'transient', { nights: 1, lastAt: '2026-11-21T16:00:00Z' }),
        row('2', 2, 'transient', { nights: 3, lastAt: '2026-11-21T16:00:00Z' }),
        // Not called since its last night, so it has aged beyond its nights.
        row('3', 3, 'transient', { nights: 3, lastAt: '2026-11-10T16:00:00Z' }),
        row('4', 4, 'bad_data', { lastAt: '2026-11-21T16:00:00Z' }),
        row('5', 5, 'enrolled'),
      ],
    });
    expect(await world.readFailing(run)).toEqual([
      { class: 'transient', code: null, ages: { '0': 1, '1-2': 1, '3-7': 0, '8-30': 1, '31+': 0 } },
      { class: 'bad_data', code: null, ages: { '0': 1, '1-2': 0, '3-7': 0, '8-30': 0, '31+': 0 } },
    ]);
    expect(await world.readRows(run)).toEqual([]);
  });

  it('counts the nights running on which the list held the same rows', async () => {
    await using world = await setup();
    const rows = [row('1', 1, 'enrolled')];
    const nights: number[] = [];
    const contents = ['a', 'b', 'b', 'other file', 'b', 'b', 'c'];
    const ofNight = ['18', '19', '20', '20', '21', '23', '24'];
    for (const [index, content] of contents.entries()) {
      const { run_no: runNo } = await world.plant({ night: `2026-11-${ofNight[index]}`, rows });
      await world.ledger.query('update run set content = $2, rows_read = 1 where run_no = $1', [
        runNo,
        content,
      ]);
      nights.push(await countSameListNights(world.ledger, await readRun(world.ledger, runNo)));
    }
    expect(nights).toEqual([1, 1, 2, 1, 3, 4, 1]);
    const retry = await world.plant({ night: '2026-11-25', kind: 'retry', rows });
    expect(await countSameListNights(world.ledger, retry)).toBe(0);
  });

  it('a first night has none, and neither a night is one that only saw other things', async () => {
    await using world = await setup();
    const rows = [row('1', 1, 'enrolled')];
    await world.plant({ night: '2026-11-20', state: 'superseded', rows });
    await world.plant({ night: '2026-11-20', kind: 'retry', rows });
    await world.plant({ night: '2026-11-20', job: 'other', rows });
    await world.plant({ night: '2026-11-21', rows });
    const now = await world.plant({ night: '2026-11-21', rows });
    expect(await world.read(now)).toEqual({ comparedWith: null, ...none });
  });

  it('of several lists a night the one of the same name is compared', async () => {
    await using world = await setup();
    const seoul = await world.plant({
      night: '2026-11-20',
      list: 'seoul.csv',
      rows: [row('1', 1, 'enrolled')],
    });
    await world.plant({ night: '2026-11-20', list: 'busan.csv', rows: [row('2', 2, 'enrolled')] });
    const now = await world.plant({
      night: '2026-11-22',
      list: 'seoul.csv',
      rows: [row('1', 1, 'already_done'), row('2', 2, 'already_done')],
    });
    expect(await world.read(now)).toEqual({
      comparedWith: { runId: seoul.id, night: '2026-11-20' },
      ...none,
      added: 1,
    });
  });

  it('lists under new names are compared with all of the night; what another of tonight holds is not gone', async () => {
    await using world = await setup();
    await world.plant({ night: '2026-11-20', list: 'a-20.csv', rows: [row('1', 1, 'conflict')] });
    const last = await world.plant({
      night: '2026-11-20',
      list: 'b-20.csv',
      // The record's later row of that night counts.
      rows: [row('1', 1, 'enrolled'), row('2', 2, 'enrolled'), row('3', 3, 'enrolled')],
    });
    const first = await world.plant({
      night: '2026-11-21',
      list: 'a-21.csv',
      rows: [row('2', 2, 'conflict')],
    });
    const second = await world.plant({
      night: '2026-11-21',
      list: 'b-21.csv',
      rows: [row('1', 1, 'conflict')],
    });
    const comparedWith = { runId: last.id, night: '2026-11-20' };
    const expected = { comparedWith, ...none, gone: 1, newlyFailing: 1 };
    expect([await world.read(first), await world.read(second)]).toEqual([expected, expected]);
  });

  it('counts the nights of what still fails: of calls, since the last call, since the first', async () => {
    await using world = await setup();
    const names = ['1', '2', '3', '4', '5'];
    await world.plant({
      night: '2026-11-19',
      rows: names.map((user) => row(user, Number(user), 'conflict')),
    });
    // Half past eleven in the morning in Seoul still is the night of the 14th, half past twelve that of the 15th.
    await plantRecord(world.ledger, {
      user: '3',
      par: 3,
      firstAt: '2026-11-15T02:30:00Z',
      wasSuccess: false,
    });
    await plantRecord(world.ledger, {
      user: '4',
      par: 4,
      firstAt: '2026-11-15T03:30:00Z',
      wasSuccess: false,
    });
    await plantRecord(world.ledger, { user: '5', par: 5, firstAt: '2026-10-01T03:30:00Z', wasSuccess: true });
    const now = await world.plant({
      night: '2026-11-20',
      rows: [
        row('1', 1, 'transient', { nights: 2, lastAt: '2026-11-20T16:00:00Z' }),
        row('2', 2, 'ambiguous', { nights: 14, lastAt: '2026-11-18T16:00:00Z' }),
        row('3', 3, 'conflict', { lastAt: '2026-11-20T16:00:00Z' }),
        row('4', 4, 'bad_data', { lastAt: '2026-11-17T16:00:00Z' }),
        row('5', 5, 'conflict', { lastAt: '2026-11-20T16:00:00Z' }),
      ],
    });
    const stillFailing = [1, 2, 6, 7, 16].map((nights) => ({ nights, records: 1 }));
    expect((await world.read(now)).stillFailing).toEqual(stillFailing);
    // The database takes +09:00 for nine hours west of Greenwich.
    expect((await world.read(now, '+09:00')).stillFailing).toEqual(stillFailing);
  });
});
