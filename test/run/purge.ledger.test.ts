import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { countClasses } from '../../src/ledger/runs/list-row-table.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import type { OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { findLastListRun } from '../../src/ledger/runs/preview.ts';
import { countSelected, type RetrySelection } from '../../src/ledger/runs/retry-staging.ts';
import { createRecords } from '../../src/ledger/runs/planning.ts';
import { deleteCandidates, noteCandidates } from '../../src/ledger/privacy/purging-records.ts';
import {
  findOldRuns,
  firstAttempt,
  forgetAttempts,
  forgetRows,
  notePurgeBegun,
} from '../../src/ledger/privacy/purging.ts';
import { createRun, raiseEpoch, setRunState } from '../../src/ledger/runs/run-table.ts';
import { carryOutPurge, planPurge, type PurgeEnvironment } from '../../src/run/purge.ts';
import { ledgerEngines, openTestLedger, serverEngine, type LedgerEngine } from '../support/ledgers.ts';
import { createStubClock } from '../support/stub-clock.ts';

const DAY_MS = 86_400_000;
/** As the stub clock begins. */
const now = new Date('2026-11-23T16:00:00Z');
const longAgo = new Date('2026-06-01T16:00:00Z');

function par(n: number): Par {
  return `PAR${String(n).padStart(24, '0')}` as Par;
}

function rowsOf(...members: readonly number[]): ListRow[] {
  return members.map((n, index) => ({
    rowNo: index + 1,
    line: index + 2,
    cells: [String(n), par(n)],
    content: { kind: 'record', userId: String(n) as UserId, par: par(n) },
  }));
}

/** A run with a list of these members, and their records. */
async function plantRun(ledger: OpenLedger, id: string, members: readonly number[], endedAt: Date | null) {
  const run = await createRun(ledger, {
    id,
    job: `job-${id}`,
    provider: 'provider-a',
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: id,
    again: false,
    settings: {},
    startedAt: longAgo,
  });
  await stageRows(ledger, await raiseEpoch(ledger, run.run_no), rowsOf(...members));
  if (endedAt === null) return run.run_no;
  await ledger.transaction(async (transaction) => await createRecords(transaction, run.run_no, 'provider-a'));
  await ledger.query(
    `update run set state = 'complete', exit_code = 0, rows_read = $2, finished_at = $3::timestamptz where run_no = $1`,
    [run.run_no, members.length, endedAt.toISOString()],
  );
  await ledger.query(
    `update list_row set class = 'bad_data', settled = true, message = 'm' where run_no = $1`,
    [run.run_no],
  );
  return run.run_no;
}

function selectionOf(runNo: number): RetrySelection {
  return {
    sourceRunNo: runNo,
    classes: ['bad_data'],
    code: null,
    before: null,
    olderThan: null,
    nights: null,
    withSettled: true,
  };
}

async function membersKnown(ledger: OpenLedger): Promise<readonly string[]> {
  const rows = await ledger.query<{ user_id: string }>('select user_id from enrollment order by user_id');
  return rows.map((row) => row.user_id);
}

async function setup(engine: LedgerEngine) {
  const opened = await openTestLedger(engine);
  const environment: PurgeEnvironment = {
    ledger: opened.ledger,
    clock: createStubClock(),
    me: { user: 'tester', host: 'here', pid: 1 },
    reportsPlace: { cwd: opened.world.folder, flag: null },
    olderThanMs: 30 * DAY_MS,
    keepMs: 90 * DAY_MS,
    tell: () => undefined,
  };
  return {
    ledger: opened.ledger,
    purge: async () => await carryOutPurge(environment, await planPurge(environment)),
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
    },
  };
}

describe.each(ledgerEngines)('a purge ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('that was killed half way is gone on with, and counts nothing twice', async () => {
    await using world = await setup(engine);
    const { ledger } = world;
    const runNo = await plantRun(ledger, 'old', [1, 2, 3], longAgo);
    const job = { job: 'job-old', provider: 'provider-a' };
    expect(await countSelected(ledger, selectionOf(runNo))).toEqual([{ class: 'bad_data', rows: 3 }]);
    expect(await findLastListRun(ledger, job)).toMatchObject({ id: 'old' });
    // Words of the list, by which a person sees that it was read in the right encoding.
    await ledger.query(
      `update run set list_notes = '{"name": "list.csv", "verdict": {"how": "cp949", "samples": ["홍길동"]}}'`,
    );
    await notePurgeBegun(ledger, runNo, longAgo);
    expect(await forgetRows(ledger, runNo, 0, 1)).toBe(1);
    expect(await findLastListRun(ledger, job)).toBeNull();
    expect(await countSelected(ledger, selectionOf(runNo))).toEqual([]);
    expect(await world.purge()).toMatchObject({ runs: 1, rows: 2, records: 3 });
    expect(await countClasses(ledger, runNo)).toMatchObject({ bad_data: 3 });
    const rows = await ledger.query('select distinct user_id, par, message, purged from list_row');
    expect(rows).toEqual([{ user_id: null, par: null, message: null, purged: true }]);
    const [run] = await ledger.query<object>('select purge_began_at, purged_at, list_notes from run');
    const notes = { name: 'list.csv', verdict: { how: 'cp949', samples: [] } };
    expect(run).toEqual({ purge_began_at: longAgo, purged_at: now, list_notes: notes });
    expect(await world.purge()).toMatchObject({ runs: 0, rows: 0, records: 0 });
  });

  it('leaves a record that has come in a list since it was found in none', async () => {
    await using world = await setup(engine);
    const { ledger } = world;
    const runNo = await plantRun(ledger, 'old', [1, 2], longAgo);
    await forgetRows(ledger, runNo, 0, 2);
    // Being staged while the lists are looked through: more of its rows may come.
    const staging = await plantRun(ledger, 'staging', [], null);
    expect(await noteCandidates(ledger, now)).toBe(2);
    await stageRows(ledger, await raiseEpoch(ledger, staging), rowsOf(2));
    expect(await deleteCandidates(ledger, now, 10)).toEqual({ seen: 2, deleted: 1 });
    expect(await membersKnown(ledger)).toEqual(['2']);
    expect(await deleteCandidates(ledger, now, 10)).toEqual({ seen: 0, deleted: 0 });
  });

  it('forgets the words of each attempt, page by page, also of several at one instant', async () => {
    await using world = await setup(engine);
    const { ledger } = world;
    await ledger.query(
      `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, reply_kind, message, raw_reply, error, outcome)
       select case when g = 6 then 2 else 1 end, g, g, '2026-11-22', g::text, $1::timestamptz + g / 3 * interval '1 microsecond',
              'answered', 'm', 'raw', 'e', 'bad_data'
       from generate_series(1, 6) g`,
      [longAgo.toISOString()],
    );
    const first = await forgetAttempts(ledger, 1, firstAttempt, 2);
    const second = await forgetAttempts(ledger, 1, first.next ?? firstAttempt, 2);
    const third = await forgetAttempts(ledger, 1, second.next ?? firstAttempt, 2);
    expect([first.forgotten, second.forgotten, third.forgotten, third.next]).toEqual([2, 2, 1, null]);
    const rows = await ledger.query(
      'select run_no from attempt where concat(message, raw_reply, error) <> $1',
      [''],
    );
    expect(rows).toEqual([{ run_no: 2 }]);
  });

  it('forgets closed breaks, members once asked for and notes of settled records; what waits for somebody stays', async () => {
    await using world = await setup(engine);
    const { ledger } = world;
    await plantRun(ledger, 'old', [1, 2], longAgo);
    const at = longAgo.toISOString();
    await ledger.query(
      `insert into break (provider, kind, user_id, par, first_seen_at, first_night, last_seen_at, state, closed_at, closed_night, explained_at, explained_by, note)
       values ('provider-a', 'missing_at_provider', '1', $2, $1::timestamptz, '2026-06-01', $1::timestamptz, 'open', null, null, null, null, null),
              ('provider-a', 'missing_at_provider', '2', $3, $1::timestamptz, '2026-06-01', $1::timestamptz, 'closed', $1::timestamptz, '2026-06-01', $1::timestamptz, 'kim', 'of 2')`,
      [at, par(1), par(2)],
    );
    await ledger.query(
      `insert into reconciliation (id, job, provider, state, settings, members, exit_code, started_at, finished_at)
       values ('r1', 'a', 'provider-a', 'complete', '{}', 1, 0, $1::timestamptz, $1::timestamptz),
              ('r2', 'a', 'provider-a', 'stopped', '{}', 1, 0, $1::timestamptz, null)`,
      [at],
    );
    await ledger.query(
      `insert into reconciliation_member (reconciliation_no, member_no, user_id) select reconciliation_no, 1, '2' from reconciliation`,
    );
    await ledger.query(
      `insert into reconciliation_plan (reconciliation_no, member_no, par) select reconciliation_no, 1, $1 from reconciliation`,
      [par(2)],
    );
    await ledger.query(
      `insert into reconciliation (id, job, provider, state, settings, members, exit_code, started_at, finished_at)
       values ('r3', 'a', 'provider-a', 'complete', '{}', 1, 0, $1::timestamptz, $2::timestamptz)`,
      [at, now.toISOString()],
    );
    await ledger.query(
      `insert into reconciliation_call (correlation_id, reconciliation_no, member_no, night, sent_at, reply_kind)
       select r.id || '-' || n, r.reconciliation_no, n, '2026-06-01', $1::timestamptz, 'answered'
       from reconciliation r cross join generate_series(1, 2) as n`,
      [at],
    );
    await ledger.query(
      `insert into resolution (record_no, class, resolved_at, resolved_by, note)
       select record_no, 'bad_data', $1::timestamptz, 'kim', 'settled ' || user_id from enrollment`,
      [at],
    );
    expect(await world.purge()).toMatchObject({
      rows: 2,
      records: 1,
      breaks: 1,
      members: 1,
      inquiries: 2,
    });
    // That of the one to be gone on with, and of the one that has just ended.
    expect(await ledger.query('select correlation_id from reconciliation_call order by 1')).toEqual(
      ['r2-1', 'r2-2', 'r3-1', 'r3-2'].map((id) => ({ correlation_id: id })),
    );
    expect(await membersKnown(ledger)).toEqual(['1']);
    const breaks = await ledger.query('select user_id, par, note from break order by break_no');
    expect(breaks).toEqual([
      { user_id: '1', par: par(1), note: null },
      { user_id: null, par: null, note: null },
    ]);
    expect(await ledger.query('select note from resolution')).toEqual([{ note: 'settled 1' }]);
    const left = await ledger.query(
      `select r.id from reconciliation_member m join reconciliation r using (reconciliation_no)
       join reconciliation_plan p using (reconciliation_no)`,
    );
    expect(left).toEqual([{ id: 'r2' }]);
  });

  it('goes by each run’s own report.keep where no age is named', async () => {
    await using world = await setup(engine);
    const { ledger } = world;
    for (const [id, keepDays] of [
      ['short', 10],
      ['long', 3650],
      ['none', null],
    ] as const) {
      const runNo = await plantRun(ledger, id, [], new Date(now.getTime() - 89 * DAY_MS));
      const settings = keepDays === null ? {} : { report: { keepMs: keepDays * DAY_MS } };
      await ledger.query('update run set settings = $2::jsonb where run_no = $1', [
        runNo,
        JSON.stringify(settings),
      ]);
    }
    const idsAt = async (at: Date, olderThanMs: number | null) =>
      (await findOldRuns(ledger, { now: at, olderThanMs, keepMs: 90 * DAY_MS })).map((run) => run.id);
    expect(await idsAt(now, null)).toEqual(['short']);
    expect(await idsAt(new Date(now.getTime() + 2 * DAY_MS), null)).toEqual(['short', 'none']);
    expect(await idsAt(now, 80 * DAY_MS)).toEqual(['short', 'long', 'none']);
  });
});

const onServer = serverEngine.missing ? test.skip : test;

onServer('a plan under way is waited for, and the record it relies on stays (server Postgres)', async () => {
  await using world = await setup(serverEngine);
  const { ledger } = world;
  const runNo = await plantRun(ledger, 'old', [1], longAgo);
  await forgetRows(ledger, runNo, 0, 1);
  const later = await plantRun(ledger, 'later', [], null);
  expect(await noteCandidates(ledger, now)).toBe(1);
  await stageRows(ledger, await raiseEpoch(ledger, later), rowsOf(1));
  let deleting: Promise<unknown> = Promise.resolve();
  await ledger.transaction(async (plan) => {
    await setRunState(plan, later, 'dispatching');
    await createRecords(plan, later, 'provider-a');
    deleting = deleteCandidates(ledger, now, 10);
    for (;;) {
      const waiting = await ledger.query(
        `select 1 from pg_locks where not granted and relation = 'run'::regclass and mode = 'ShareRowExclusiveLock'`,
      );
      if (waiting.length > 0) break;
    }
    // Calls are recorded meanwhile: nobody who holds the run shares its fate.
    await ledger.query('select 1 from run where run_no = $1 for share', [runNo]);
  });
  expect(await deleting).toEqual({ seen: 1, deleted: 0 });
  expect(await membersKnown(ledger)).toEqual(['1']);
});
