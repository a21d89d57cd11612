import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CallClass } from '../../src/domain/class.ts';
import type { CallKind } from '../../src/domain/outcome.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { openEmbeddedLedger } from '../../src/ledger/engine/embedded-ledger.ts';
import { migrateLedger } from '../../src/ledger/engine/migrate.ts';
import { readMigrationSteps } from '../../src/ledger/engine/migration-steps.ts';
import type { Ledger, RunFence } from '../../src/ledger/ledger-port.ts';
import { readRowFigures } from '../../src/ledger/proofs/row-groups.ts';
import { claimFree, settleLostCalls } from '../../src/ledger/runs/claiming.ts';
import { markSending } from '../../src/ledger/runs/marking.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { readReportedRows } from '../../src/ledger/runs/reported-rows.ts';
import { recordCalls } from '../../src/ledger/runs/outcome-recording.ts';
import { createRecords, notePlanned, settleKnownRows } from '../../src/ledger/runs/planning.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import { settleHeldCalls } from '../../src/ledger/runs/setup-proof.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'provider-a';
const sentAt = new Date('2026-11-22T16:00:01.234Z');

/** A run of job `job` on a list of one row, always of the same record; `again`: success is called too. */
async function planRun(ledger: Ledger, job: string, again = false): Promise<RunFence> {
  const run = await createRun(ledger, {
    id: `20261122T160000Z-${job}-0001`,
    job,
    provider,
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: 'c0ffee',
    again,
    settings: {},
    startedAt: sentAt,
  });
  const fence = { runNo: run.run_no, epoch: run.epoch };
  const content = { kind: 'record', userId: '11' as UserId, par: 'P'.repeat(27) as Par } as const;
  await stageRows(ledger, fence, [{ rowNo: 1, line: 2, cells: [], content }]);
  await ledger.transaction(async (transaction) => await createRecords(transaction, fence.runNo, provider));
  const rules = { runNo: fence.runNo, provider, night: '2026-11-22', nights: 14, again, requested: false };
  await settleKnownRows(ledger, rules);
  await notePlanned(ledger, fence.runNo);
  return fence;
}

interface Told {
  readonly outcome: CallClass | 'stop_run' | 'held';
  readonly given?: boolean;
  readonly code?: string | null;
  readonly call?: CallKind;
  /** The run will call the record again. */
  readonly goesOn?: boolean;
}

async function claim(ledger: Ledger, fence: RunFence): Promise<string> {
  const from = { provider, inHand: new Set<string>() };
  const { records } = await claimFree(ledger, fence, from, 1);
  return records[0]?.recordNo ?? '';
}

let number = 0;

/** Records one call for the claimed record, and returns its correlation id. */
async function make(ledger: Ledger, fence: RunFence, recordNo: string, told: Told): Promise<string> {
  const { outcome, given = false, code = '999_999', call = 'register', goesOn = false } = told;
  number += 1;
  const correlationId = `261123010001-${String(number).padStart(7, '0')}`;
  await markSending(ledger, fence, [{ recordNo, call, correlationId, at: sentAt }]);
  await recordCalls(ledger, fence, [
    {
      recordNo,
      rowNo: 1,
      call,
      correlationId,
      sentAt,
      latencyMs: 5,
      finding: null,
      reply: {
        kind: 'answered',
        httpStatus: 400,
        code,
        unread: null,
        message: 'words',
        raw: '{}',
        retryAfterMs: null,
      },
      outcome,
      settled: !goesOn,
      isGivenByJobFile: given,
    },
  ]);
  return correlationId;
}

/** Of the record, and of the run's row. */
async function marksOf(ledger: Ledger, fence: RunFence): Promise<readonly (string | null)[]> {
  const [record] = await ledger.query<{ class_given_by: string | null }>(
    'select class_given_by from enrollment',
  );
  const [row] = await readReportedRows(ledger, fence.runNo, 0, 1);
  return [record?.class_given_by ?? null, row?.class_given_by ?? null];
}

describe.each(ledgerEngines)('a class that outcomes gave ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is marked on record and row, and on the row of a later list that keeps it', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const first = await planRun(ledger, 'a');
    await make(ledger, first, await claim(ledger, first), { outcome: 'bad_data', given: true });
    expect(await marksOf(ledger, first)).toEqual(['job_file', 'job_file']);
    const second = await planRun(ledger, 'b');
    expect(await marksOf(ledger, second)).toEqual(['job_file', 'job_file']);
    expect((await readRowFigures(ledger, second.runNo, 3)).givenClasses).toEqual([
      { by: 'job_file', code: '999_999', class: 'bad_data', rows: 1 },
    ]);
  });

  it.each<[string, Told, string | null]>([
    ['another class of the built-in table', { outcome: 'conflict' }, null],
    ['an inquiry that found it', { outcome: 'recovered', call: 'plans' }, null],
    ['an inquiry that found nothing', { outcome: 'ambiguous', call: 'plans' }, 'job_file'],
    ['a call that says nothing of it', { outcome: 'stop_run', given: true }, 'job_file'],
    ['a call that is held', { outcome: 'held' }, 'job_file'],
  ])('and after it %s', async (_, later, mark) => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await planRun(ledger, 'a');
    const recordNo = await claim(ledger, fence);
    await make(ledger, fence, recordNo, { outcome: 'ambiguous', given: true, goesOn: true });
    await make(ledger, fence, recordNo, later);
    expect(await marksOf(ledger, fence)).toEqual([mark, mark]);
  });

  it('is marked no more once a lost call, or a proof of the set-up, gave another', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await planRun(ledger, 'a');
    const recordNo = await claim(ledger, fence);
    await make(ledger, fence, recordNo, { outcome: 'transient', given: true, goesOn: true });
    const held = await make(ledger, fence, recordNo, { outcome: 'held', goesOn: true });
    expect(await marksOf(ledger, fence)).toEqual(['job_file', 'job_file']);
    await settleHeldCalls(ledger, fence, [held]);
    expect(await marksOf(ledger, fence)).toEqual([null, null]);

    await ledger.query(`update list_row set class_given_by = 'job_file', settled = false`);
    await ledger.query(
      `update enrollment set class_given_by = 'job_file', claim_run_no = $1, claim_row_no = 1`,
      [fence.runNo],
    );
    await markSending(ledger, fence, [{ recordNo, call: 'register', correlationId: 'lost', at: sentAt }]);
    await settleLostCalls(ledger, fence.runNo);
    expect(await marksOf(ledger, fence)).toEqual([null, null]);
  });

  it('stays on a success that a later call without an answer does not undo', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const first = await planRun(ledger, 'a');
    await make(ledger, first, await claim(ledger, first), { outcome: 'already_active', given: true });
    const again = await planRun(ledger, 'b', true);
    await make(ledger, again, await claim(ledger, again), { outcome: 'ambiguous', code: null });
    expect(await marksOf(ledger, again)).toEqual(['job_file', null]);
    expect(await marksOf(ledger, await planRun(ledger, 'c'))).toEqual(['job_file', 'job_file']);
  });

  it('is not marked where the built-in table gave it', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await planRun(setup.ledger, 'a');
    await make(setup.ledger, fence, await claim(setup.ledger, fence), { outcome: 'unknown_code' });
    expect(await marksOf(setup.ledger, fence)).toEqual([null, null]);
    expect((await readRowFigures(setup.ledger, fence.runNo, 3)).givenClasses).toEqual([]);
  });
});

/** Attempts of one record before the marks were kept, and what the record is held for. */
type Before = readonly [status: CallClass, ...attempts: (readonly [CallKind, CallClass, string | null])[]];

test('the step that brings the marks finds success by rules of before', async () => {
  const cases: readonly (readonly [Before, string | null])[] = [
    [['enrolled', ['register', 'enrolled', '000_000']], null],
    [['already_active', ['register', 'already_active', '007_017']], null],
    [['already_active', ['register', 'already_active', '007_012']], 'former_rule'],
    [['recovered', ['register', 'ambiguous', null], ['register', 'recovered', '001_003']], 'former_rule'],
    [['already_active', ['register', 'already_active', '999_999']], 'job_file'],
    // By an inquiry, not by a rule.
    [['already_active', ['register', 'conflict', '007_012'], ['plans', 'already_active', '000_000']], null],
    // The provider's word came after it, by a registration or an inquiry.
    [
      [
        'already_active',
        ['register', 'already_active', '007_012'],
        ['register', 'already_active', '007_017'],
      ],
      null,
    ],
    [['recovered', ['register', 'already_active', '007_012'], ['plans', 'recovered', '000_000']], null],
    [['conflict', ['register', 'already_active', '007_012'], ['register', 'conflict', '007_012']], null],
    // A call without an answer undid nothing.
    [
      ['already_active', ['register', 'already_active', '007_012'], ['register', 'ambiguous', null]],
      'former_rule',
    ],
    // Of failures it is not known.
    [['bad_data', ['register', 'bad_data', '007_016']], null],
  ];
  const place = await mkdtemp(join(tmpdir(), 'kona-given-'));
  const ledger = await openEmbeddedLedger(join(place, 'ledger'), join(place, 'nothing-prepared'));
  try {
    const steps = await readMigrationSteps();
    const before = steps.slice(
      0,
      steps.findIndex(({ name }) => name.includes('given_classes')),
    );
    await ledger.query(
      `create table schema_migration (version integer primary key, name text not null, applied_at timestamptz not null default now())`,
    );
    for (const { version, name, statements } of before) {
      for (const statement of statements) await ledger.query(statement);
      await ledger.query('insert into schema_migration (version, name) values ($1, $2)', [version, name]);
    }
    for (const [index, [[status, ...attempts]]] of cases.entries()) {
      await ledger.query(
        `insert into enrollment (provider, user_id, par, status) values ('p', $1, repeat('P', 27), $2)`,
        [String(index + 1), status],
      );
      for (const [nth, [call, outcome, code]] of attempts.entries()) {
        await ledger.query(
          `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, reply_kind, code, outcome, call)
           values (1, 1, (select max(record_no) from enrollment), '2026-11-22', $1, now(), $2, $3, $4, $5)`,
          [`${index}-${nth}`, code === null ? 'no_answer' : 'answered', code, outcome, call],
        );
      }
    }
    await migrateLedger(ledger);
    const marks = await ledger.query<{ mark: string | null }>(
      'select class_given_by as mark from enrollment order by record_no',
    );
    expect(marks.map(({ mark }) => mark)).toEqual(cases.map(([, mark]) => mark));
  } finally {
    await ledger.close();
    await rm(place, { recursive: true, force: true });
  }
});
