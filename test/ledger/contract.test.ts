import { describe, expect, test } from 'vitest';
import { maskId } from '../../src/domain/identity/masking.ts';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import {
  claimFree,
  claimSpread,
  countUnclaimedRows,
  releaseClaims,
  settleLostCalls,
  type DueRecord,
  readDueRecords,
} from '../../src/ledger/runs/claiming.ts';
import { claimAndMark, markSending, unmarkSending } from '../../src/ledger/runs/marking.ts';
import { createCorrelationNumbers } from '../../src/ledger/runs/correlation-numbers.ts';
import {
  LedgerError,
  OvertakenError,
  type Ledger,
  type Queryable,
  type RunFence,
} from '../../src/ledger/ledger-port.ts';
import { countClasses, countDueRows, countRowsNow } from '../../src/ledger/runs/list-row-table.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { readReportedRows } from '../../src/ledger/runs/reported-rows.ts';
import { recordCalls, type RecordedCall } from '../../src/ledger/runs/outcome-recording.ts';
import {
  createRecords,
  markRepeated,
  notePlanned,
  orderRows,
  refreshStatistics,
  settleKnownRows,
} from '../../src/ledger/runs/planning.ts';
import { createRun, raiseEpoch, setRunState, type NewRun } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger, serverEngine } from '../support/ledgers.ts';

const provider = 'provider-a';
const nobody: ReadonlySet<string> = new Set();

function newRun(id: string, overrides: Partial<NewRun> = {}): NewRun {
  return {
    id,
    job: `job-${id}`,
    provider,
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: `content-${id}`,
    again: false,
    settings: { limits: { rate: '20/s' } },
    startedAt: new Date('2026-11-22T16:00:00Z'),
    ...overrides,
  };
}

function par(n: number): Par {
  return `PAR${String(n).padStart(24, '0')}` as Par;
}

function recordRow(rowNo: number, userId: string, parOfRow: Par): ListRow {
  return {
    rowNo,
    line: rowNo + 1,
    cells: [userId, parOfRow, `na"me\\ ${rowNo}`, 'a,b\nc'],
    content: { kind: 'record', userId: userId as UserId, par: parOfRow },
  };
}

function rejectedRow(rowNo: number): ListRow {
  return {
    rowNo,
    line: rowNo + 1,
    cells: ['abc'],
    content: { kind: 'rejected', rejection: { reason: 'cells', cells: 1, expectedCells: 4 } },
  };
}

async function stageList(
  ledger: Ledger,
  run: NewRun,
  rows: readonly ListRow[],
  requested = false,
): Promise<RunFence> {
  const { run_no: runNo } = await createRun(ledger, run);
  const fence = await raiseEpoch(ledger, runNo);
  await stageRows(ledger, fence, rows);
  await markRepeated(ledger, { of: [runNo], among: [runNo] });
  await ledger.transaction(async (transaction) => await createRecords(transaction, runNo, run.provider));
  await settleKnownRows(ledger, {
    runNo,
    provider: run.provider,
    night: run.night,
    nights: 2,
    again: run.again,
    requested,
  });
  await orderRows(ledger, runNo, run.provider);
  await notePlanned(ledger, runNo);
  return fence;
}

async function claimAll(ledger: Ledger, fence: RunFence) {
  const { records } = await claimFree(ledger, fence, { provider, inHand: nobody }, 100);
  return records;
}

let correlation = 0;
function call(recordNo: string, rowNo: number, overrides: Partial<RecordedCall> = {}): RecordedCall {
  correlation += 1;
  return {
    recordNo,
    rowNo,
    call: 'register',
    finding: null,
    correlationId: `261123000000-${correlation.toString(16).padStart(7, '0')}`,
    sentAt: new Date('2026-11-22T16:00:01.234Z'),
    latencyMs: 12.5,
    reply: {
      kind: 'answered',
      httpStatus: 200,
      code: '000_000',
      unread: null,
      message: 'Success.',
      raw: '{}',
      retryAfterMs: null,
    },
    outcome: 'enrolled',
    settled: true,
    ...overrides,
  };
}

/** The mark of a record's first call. */
function firstMark({ recordNo, rowNo, recordedAt }: DueRecord) {
  const made = call(recordNo, rowNo);
  return { ...made, at: made.sentAt, recordedAt };
}

async function callOnce(
  ledger: Ledger,
  fence: RunFence,
  overrides: Partial<RecordedCall> = {},
): Promise<void> {
  for (const record of await claimAll(ledger, fence)) {
    const made = call(record.recordNo, record.rowNo, overrides);
    await markSending(ledger, fence, [{ ...made, at: made.sentAt }]);
    await recordCalls(ledger, fence, [made]);
  }
}

describe.each(ledgerEngines)('the ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('gives the same values whichever engine holds them', async () => {
    await using setup = await openTestLedger(engine);
    const [row] = await setup.ledger.query(
      `select 7::integer as i4, 9223372036854775807::bigint as i8, $1::numeric as n, $2::text[] as a, $3::boolean as b,
              $4::timestamptz as t, '{"k":[1]}'::jsonb as j, null::text as z`,
      ['9999999999999999999', ['x', null, 'y,"\\'], true, '2026-11-22T16:00:01.234Z'],
    );
    expect(row).toEqual({
      i4: 7,
      i8: '9223372036854775807',
      n: '9999999999999999999',
      a: ['x', null, 'y,"\\'],
      b: true,
      t: new Date('2026-11-22T16:00:01.234Z'),
      j: { k: [1] },
      z: null,
    });
  });

  it('rolls a failed transaction back and goes on', async () => {
    await using setup = await openTestLedger(engine);
    const failure = new Error('planned');
    await expect(
      setup.ledger.transaction(async (transaction) => {
        await createRun(transaction, newRun('a'));
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await setup.ledger.query('select id from run')).toEqual([]);
    await setup.ledger.transaction(async (transaction) => {
      await createRun(transaction, newRun('a'));
    });
    expect(await setup.ledger.query('select id from run')).toEqual([{ id: 'a' }]);
  });

  it('refuses a broken statement as LedgerError and goes on', async () => {
    await using setup = await openTestLedger(engine);
    const refused = setup.ledger.query('select * from nothing_of_that_name');
    await expect(refused).rejects.toBeInstanceOf(LedgerError);
    await expect(refused).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    expect(await setup.ledger.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('holds the states by CHECK constraints, not by our good will', async () => {
    await using setup = await openTestLedger(engine);
    const insert = (columns: string, values: string) =>
      setup.ledger.query(
        `insert into enrollment (provider, user_id, par, ${columns}) values ('p', '1', '${par(1)}', ${values})`,
      );
    await expect(insert('status', `'lost'`)).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    await expect(insert('status', `'sending'`)).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    await expect(insert('status', `'rejected'`)).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    await expect(
      setup.ledger.query(
        `insert into enrollment (provider, user_id, par) values ('p', '12345678901234567890', '${par(1)}')`,
      ),
    ).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    await insert('status', `'pending'`);
  });

  it('has one unfinished run a job, beside others that wait for their turn', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const first = await createRun(ledger, newRun('a', { job: 'nightly' }));
    const second = await createRun(ledger, newRun('b', { job: 'nightly' }));
    const other = await createRun(ledger, newRun('c', { job: 'other' }));
    await setRunState(ledger, first.run_no, 'dispatching');
    await expect(setRunState(ledger, second.run_no, 'dispatching')).rejects.toBeInstanceOf(LedgerError);
    await setRunState(ledger, other.run_no, 'dispatching');
  });

  it('puts each row in its class before any call: rejected, duplicate, disputed, and the cells stay as they were', async () => {
    await using setup = await openTestLedger(engine);
    const rows = [
      recordRow(1, '11', par(1)),
      rejectedRow(2),
      recordRow(3, '11', par(1)),
      recordRow(4, '21', par(2)),
      recordRow(5, '22', par(2)),
      recordRow(6, '21', par(2)),
      recordRow(7, '9999999999999999999', par(3)),
      recordRow(8, '11', par(4)),
    ];
    const fence = await stageList(setup.ledger, newRun('a'), rows);
    const reported = await readReportedRows(setup.ledger, fence.runNo, 0, 100);
    expect(reported.map((row) => [row.row_no, row.class, row.first_line])).toEqual([
      [1, 'unprocessed', null],
      [2, 'rejected', null],
      [3, 'duplicate', 2],
      [4, 'disputed', null],
      [5, 'disputed', null],
      [6, 'duplicate', 5],
      [7, 'unprocessed', null],
      [8, 'unprocessed', null],
    ]);
    expect(reported.map((row) => row.cells)).toEqual(rows.map((row) => row.cells));
    expect(reported[5]?.first_class).toBe('disputed');
    const claimed = await claimAll(setup.ledger, fence);
    expect(claimed.map((record) => [record.rowNo, record.userId])).toEqual([
      [1, '11'],
      [7, '9999999999999999999'],
      [8, '11'],
    ]);
  });

  it('takes a call through sending to its class, attempt, record and row together', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await stageList(setup.ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    const [record] = await claimAll(setup.ledger, fence);
    if (record === undefined) throw new Error('nothing was claimed');
    const steadyAt = new Date('2026-11-22T16:04:01.234Z');
    const made = call(record.recordNo, 1, { steadyAt });
    await markSending(setup.ledger, fence, [{ ...made, at: made.sentAt }]);
    expect(await setup.ledger.query('select status from enrollment')).toEqual([{ status: 'sending' }]);
    await recordCalls(setup.ledger, fence, [made]);
    await recordCalls(setup.ledger, fence, [made]);
    expect(
      await setup.ledger.query('select status, attempts, claim_run_no, first_success_run_no from enrollment'),
    ).toEqual([{ status: 'enrolled', attempts: 1, claim_run_no: null, first_success_run_no: fence.runNo }]);
    expect(
      await setup.ledger.query(
        'select count(*)::integer as n, max(correlation_id) as c, max(sent_at) as sent, max(steady_at) as steady from attempt',
      ),
    ).toEqual([{ n: 1, c: made.correlationId, sent: made.sentAt, steady: steadyAt }]);
    expect(await countDueRows(setup.ledger, fence.runNo)).toBe(0);
    expect((await countClasses(setup.ledger, fence.runNo)).enrolled).toBe(1);
  });

  it('takes back a mark whose call never left', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await stageList(setup.ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    const [record] = await claimAll(setup.ledger, fence);
    if (record === undefined) throw new Error('nothing was claimed');
    const made = call(record.recordNo, 1);
    await markSending(setup.ledger, fence, [{ ...made, at: made.sentAt }]);
    await unmarkSending(setup.ledger, fence, [record.recordNo]);
    expect(await setup.ledger.query('select status, attempts from enrollment')).toEqual([
      { status: 'pending', attempts: 0 },
    ]);
  });

  it('stages, claims and marks a second time what went unheard the first, and no more', async () => {
    await using setup = await openTestLedger(engine);
    const rows = [1, 2, 3].map((n) => recordRow(n, `1${n}`, par(n)));
    const fence = await stageList(setup.ledger, newRun('a'), rows);
    await stageRows(setup.ledger, fence, rows);
    expect(await countDueRows(setup.ledger, fence.runNo)).toBe(3);
    expect(await countRowsNow(setup.ledger, fence.runNo)).toEqual({
      classes: await countClasses(setup.ledger, fence.runNo),
      due: 3,
    });

    const [one, ...others] = await claimAll(setup.ledger, fence);
    if (one === undefined) throw new Error('nothing was claimed');
    const claim = async (on: Queryable, inHand: Set<string>) =>
      await claimFree(on, fence, { provider, inHand }, 10);
    expect(await claim(setup.ledger, new Set([one.recordNo]))).toEqual({
      records: others,
      skipped: 0,
      lastRowNo: 3,
    });
    // One that ends while the statement is under way looks as if it had not.
    const inHand = new Set([one, ...others].map((record) => record.recordNo));
    const whileOthersEnd: Queryable = {
      query: async <Row extends object>(sql: string, parameters?: Parameters<Queryable['query']>[1]) => {
        const found = await setup.ledger.query<Row>(sql, parameters);
        inHand.clear();
        return found;
      },
    };
    expect((await claim(whileOthersEnd, inHand)).records).toEqual([]);

    const made = call(one.recordNo, 1);
    const mark = { ...made, at: made.sentAt };
    await markSending(setup.ledger, fence, [mark]);
    await markSending(setup.ledger, fence, [mark]);
    expect(await setup.ledger.query(`select prior_status from enrollment where status = 'sending'`)).toEqual([
      { prior_status: 'pending' },
    ]);
    await expect(
      markSending(setup.ledger, fence, [{ ...mark, correlationId: 'another' }]),
    ).rejects.toBeInstanceOf(OvertakenError);
    expect((await claim(setup.ledger, new Set())).records).toEqual(others);
  });

  it('claims rows spread evenly over the list, also of those that were called before', async () => {
    await using setup = await openTestLedger(engine);
    const rows = Array.from({ length: 23 }, (_, index) => recordRow(index + 1, `1${index}`, par(index + 1)));
    const before = await stageList(setup.ledger, newRun('before'), rows.slice(20));
    for (const [index, record] of (await claimAll(setup.ledger, before)).entries()) {
      const made = call(record.recordNo, record.rowNo, { outcome: index === 0 ? 'enrolled' : 'transient' });
      await markSending(setup.ledger, before, [{ ...made, at: made.sentAt }]);
      await recordCalls(setup.ledger, before, [made]);
    }
    await releaseClaims(setup.ledger, before.runNo);
    const fence = await stageList(setup.ledger, newRun('a'), rows);
    const spread = { provider, inHand: nobody, count: 5, due: 22 };
    const numbers = async (count: number, inHand: ReadonlySet<string> = nobody) =>
      await claimSpread(setup.ledger, fence, { ...spread, count, inHand });
    const first = await numbers(5);
    // Row 21 is done: 22 rows are due, of which each fourth or fifth is claimed.
    expect(first.records.map((record) => record.rowNo)).toEqual([5, 9, 14, 18, 23]);
    expect(first.skipped).toBe(0);
    const inHand = new Set(first.records.slice(1).map((record) => record.recordNo));
    expect((await numbers(5, inHand)).records.map((record) => record.rowNo)).toEqual([5]);
    const all = await numbers(22, new Set(first.records.map((record) => record.recordNo)));
    expect(all.records).toHaveLength(22 - 5);
  });

  it('claims the next rows that nobody has in hand, also of those that were called before', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const rows = Array.from({ length: 9 }, (_, index) => recordRow(index + 1, `1${index}`, par(index + 1)));
    const other = await stageList(ledger, newRun('other'), [...rows.slice(0, 2), ...rows.slice(4, 6)]);
    const [called, ...held] = await claimAll(ledger, other);
    if (called === undefined) throw new Error('nothing was claimed');
    const made = call(called.recordNo, called.rowNo, { outcome: 'transient' });
    await markSending(ledger, other, [{ ...made, at: made.sentAt }]);
    await recordCalls(ledger, other, [made]);
    // Row 1 came again and is free, rows 2, 5 and 6 are in the hands of the other run.
    const fence = await stageList(ledger, newRun('a'), rows);
    const free = async (count: number, inHand: ReadonlySet<string> = nobody) =>
      (await claimFree(ledger, fence, { provider, inHand }, count)).records;
    const first = await free(3);
    expect(first.map((record) => record.rowNo)).toEqual([1, 3, 4]);
    // Claimed by a statement whose commit went unheard.
    const unheard = first.at(-1);
    const inHand = new Set(first.slice(0, -1).map((record) => record.recordNo));
    expect(await free(1, inHand)).toEqual([unheard]);
    expect(await countUnclaimedRows(ledger, fence.runNo)).toBe(6);
    const all = new Set(first.map((record) => record.recordNo));
    expect((await free(9, all)).map((record) => record.rowNo)).toEqual([7, 8, 9]);
    expect(await countUnclaimedRows(ledger, fence.runNo)).toBe(held.length);
    await releaseClaims(ledger, other.runNo);
    await claimAll(ledger, fence);
    expect(await countUnclaimedRows(ledger, fence.runNo)).toBe(0);
  });

  it('writes an outcome whose mark a failover has lost, once, but not over another run', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await stageList(ledger, newRun('a'), [
      recordRow(1, '11', par(1)),
      recordRow(2, '12', par(2)),
      recordRow(3, '13', par(3)),
    ]);
    const calls = (await claimAll(ledger, fence)).map((record) => call(record.recordNo, record.rowNo));
    const [first, second, third] = calls;
    if (first === undefined || second === undefined || third === undefined) throw new Error('not claimed');
    await markSending(
      ledger,
      fence,
      calls.map((made) => ({ ...made, at: made.sentAt })),
    );
    // One outcome was written unheard, the marks of the others are gone, one with its claim.
    await recordCalls(ledger, fence, [first]);
    await ledger.query(
      `update enrollment set status = prior_status, prior_status = null, sending_at = null, sending_correlation_id = null,
              sending_call = null
       where status = 'sending'`,
    );
    await ledger.query(
      `update enrollment set claim_run_no = null, claim_row_no = null where record_no = $1`,
      [third.recordNo],
    );
    await recordCalls(ledger, fence, calls);
    await recordCalls(ledger, fence, calls);
    expect(
      await ledger.query(`select status, attempts, claim_run_no from enrollment order by record_no`),
    ).toEqual(calls.map(() => ({ status: 'enrolled', attempts: 1, claim_run_no: null })));
    expect(await ledger.query('select 1 from attempt')).toHaveLength(3);
    expect(await countDueRows(ledger, fence.runNo)).toBe(0);

    const other = await stageList(ledger, newRun('b', { again: true }), [recordRow(1, '11', par(1))], true);
    expect(await claimAll(ledger, other)).toHaveLength(1);
    const late = call(first.recordNo, 1);
    await expect(recordCalls(ledger, fence, [late])).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    expect(await ledger.query('select 1 from attempt')).toHaveLength(3);
  });

  it('lets a call that says nothing of the record change nothing but the attempts', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await stageList(setup.ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    await callOnce(setup.ledger, fence, { outcome: 'stop_run', settled: false });
    expect(await setup.ledger.query('select status, attempts from enrollment')).toEqual([
      { status: 'pending', attempts: 1 },
    ]);
    expect((await countClasses(setup.ledger, fence.runNo)).unprocessed).toBe(1);
    expect(await setup.ledger.query('select outcome from attempt')).toEqual([{ outcome: 'stop_run' }]);
  });

  it('changes nothing for a process that was overtaken', async () => {
    await using setup = await openTestLedger(engine);
    const old = await stageList(setup.ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    const [record] = await claimAll(setup.ledger, old);
    if (record === undefined) throw new Error('nothing was claimed');
    const made = call(record.recordNo, 1);
    await markSending(setup.ledger, old, [{ ...made, at: made.sentAt }]);
    const before = await setup.ledger.query('select * from enrollment');
    await raiseEpoch(setup.ledger, old.runNo);
    await expect(recordCalls(setup.ledger, old, [made])).rejects.toBeInstanceOf(OvertakenError);
    await expect(markSending(setup.ledger, old, [{ ...made, at: made.sentAt }])).rejects.toBeInstanceOf(
      OvertakenError,
    );
    await expect(stageRows(setup.ledger, old, [recordRow(2, '12', par(2))])).rejects.toBeInstanceOf(
      OvertakenError,
    );
    await unmarkSending(setup.ledger, old, [record.recordNo]);
    expect((await claimFree(setup.ledger, old, { provider, inHand: nobody }, 10)).records).toEqual([]);
    expect(await setup.ledger.query('select * from enrollment')).toEqual(before);
    expect(await setup.ledger.query('select 1 from attempt')).toEqual([]);
  });

  it('counts a record left sending as maybe sent, once, and gives its claim back', async () => {
    await using setup = await openTestLedger(engine);
    const old = await stageList(setup.ledger, newRun('a'), [
      recordRow(1, '11', par(1)),
      recordRow(2, '12', par(2)),
    ]);
    const [first] = await claimAll(setup.ledger, old);
    if (first === undefined) throw new Error('nothing was claimed');
    const made = call(first.recordNo, 1);
    await markSending(setup.ledger, old, [{ ...made, at: made.sentAt }]);
    const fence = await raiseEpoch(setup.ledger, old.runNo);
    expect(await settleLostCalls(setup.ledger, old.runNo)).toEqual({ lost: 1 });
    expect(await settleLostCalls(setup.ledger, old.runNo)).toEqual({ lost: 0 });
    expect(
      await setup.ledger.query('select status, unanswered, claim_run_no from enrollment order by record_no'),
    ).toEqual([
      { status: 'ambiguous', unanswered: 1, claim_run_no: null },
      { status: 'pending', unanswered: 0, claim_run_no: null },
    ]);
    expect(await setup.ledger.query('select reply_kind, correlation_id from attempt')).toEqual([
      { reply_kind: 'lost', correlation_id: made.correlationId },
    ]);
    expect(await countClasses(setup.ledger, old.runNo)).toMatchObject({ ambiguous: 1, unprocessed: 1 });
    await notePlanned(setup.ledger, fence.runNo);
    const again = await claimAll(setup.ledger, fence);
    expect(again.map((record) => [record.rowNo, record.unanswered])).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });

  it('keeps success, kept classes and the once-a-night rule from being called again', async () => {
    await using setup = await openTestLedger(engine);
    const outcomes = ['enrolled', 'bad_data', 'action_required', 'transient'] as const;
    const rows = outcomes.map((_, index) => recordRow(index + 1, String(index + 11), par(index + 1)));
    const first = await stageList(setup.ledger, newRun('a'), rows);
    for (const record of await claimAll(setup.ledger, first)) {
      const outcome = outcomes[record.rowNo - 1] ?? 'enrolled';
      const made = call(record.recordNo, record.rowNo, { outcome });
      await markSending(setup.ledger, first, [{ ...made, at: made.sentAt }]);
      await recordCalls(setup.ledger, first, [made]);
    }
    const classesOf = async (run: NewRun, requested = false): Promise<(string | null)[]> => {
      const fence = await stageList(setup.ledger, run, rows, requested);
      const reported = await readReportedRows(setup.ledger, fence.runNo, 0, 100);
      await releaseClaims(setup.ledger, fence.runNo);
      return reported.map((row) => (row.kept ? row.class : 'call'));
    };
    expect(await classesOf(newRun('same-night'))).toEqual([
      'already_done',
      'bad_data',
      'action_required',
      'call',
    ]);
    expect(await classesOf(newRun('next-night', { night: '2026-11-23' }))).toEqual([
      'already_done',
      'bad_data',
      'call',
      'call',
    ]);
    expect(await classesOf(newRun('asked'), true)).toEqual(['already_done', 'call', 'call', 'call']);
    expect(await classesOf(newRun('again', { again: true }))).toEqual([
      'call',
      'bad_data',
      'action_required',
      'call',
    ]);
    expect(await classesOf(newRun('other', { provider: 'provider-b' }))).toEqual([
      'call',
      'call',
      'call',
      'call',
    ]);
  });

  it('keeps a record that came again for retry.nights nights', async () => {
    await using setup = await openTestLedger(engine);
    const nights = ['2026-11-22', '2026-11-23'];
    for (const night of nights) {
      const fence = await stageList(setup.ledger, newRun(night, { night }), [recordRow(1, '11', par(1))]);
      await callOnce(setup.ledger, fence, { outcome: 'transient', settled: false });
      await releaseClaims(setup.ledger, fence.runNo);
      await notePlanned(setup.ledger, fence.runNo);
      await callOnce(setup.ledger, fence, { outcome: 'transient' });
    }
    expect(await setup.ledger.query('select nights, attempts from enrollment')).toEqual([
      { nights: 2, attempts: 4 },
    ]);
    const third = await stageList(setup.ledger, newRun('c', { night: '2026-11-24' }), [
      recordRow(1, '11', par(1)),
    ]);
    const [row] = await readReportedRows(setup.ledger, third.runNo, 0, 1);
    expect(row).toMatchObject({ class: 'transient', kept: true, nights: 2, attempts: 0 });
  });

  it('calls what was never called before what was', async () => {
    await using setup = await openTestLedger(engine);
    const first = await stageList(setup.ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    await callOnce(setup.ledger, first, { outcome: 'transient' });
    const rows = [recordRow(1, '11', par(1)), recordRow(2, '12', par(2))];
    const second = await stageList(setup.ledger, newRun('b'), rows);
    const turns = ([0, 1] as const).map(async (turn) => {
      const range = { provider, turn, afterRowNo: 0, inHand: nobody };
      const { records } = await readDueRecords(setup.ledger, second.runNo, range, 100);
      return records.map((record) => record.rowNo);
    });
    expect(await Promise.all(turns)).toEqual([[2], [1]]);
  });

  it('leaves a record alone while another run has it, and knows news when it comes', async () => {
    await using setup = await openTestLedger(engine);
    const rows = [recordRow(1, '11', par(1))];
    const one = await stageList(setup.ledger, newRun('a'), rows);
    const two = await stageList(setup.ledger, newRun('b'), rows);
    const [record] = await claimAll(setup.ledger, one);
    if (record === undefined) throw new Error('nothing was claimed');
    expect(await claimAll(setup.ledger, two)).toEqual([]);
    const made = call(record.recordNo, 1);
    await markSending(setup.ledger, one, [{ ...made, at: made.sentAt }]);
    await recordCalls(setup.ledger, one, [made]);
    expect(await claimAll(setup.ledger, two)).toEqual([]);
    await settleKnownRows(setup.ledger, {
      runNo: two.runNo,
      provider,
      night: '2026-11-22',
      nights: 2,
      again: false,
      requested: false,
    });
    expect((await countClasses(setup.ledger, two.runNo)).already_done).toBe(1);
  });

  it('does not claim what another run finished while this one was planned', async () => {
    await using setup = await openTestLedger(engine);
    const rows = [recordRow(1, '11', par(1)), recordRow(2, '12', par(2))];
    const one = await stageList(setup.ledger, newRun('a'), rows);
    const two = await stageList(setup.ledger, newRun('b'), rows);
    const [first, second] = await claimAll(setup.ledger, one);
    if (first === undefined || second === undefined) throw new Error('nothing was claimed');
    for (const made of [call(first.recordNo, 1), call(second.recordNo, 2, { outcome: 'conflict' })]) {
      await markSending(setup.ledger, one, [{ ...made, at: made.sentAt }]);
      await recordCalls(setup.ledger, one, [made]);
    }
    // As if the plan of the second run had read before, and noted its moment after.
    await notePlanned(setup.ledger, two.runNo);
    const claimed = await claimFree(setup.ledger, two, { provider, inHand: nobody }, 10);
    expect(claimed).toMatchObject({ records: [], skipped: 2 });
  });

  it('reads what is due turn by turn, and a mark claims it unless another run was first', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const rows = [1, 2, 3, 4].map((n) => recordRow(n, `1${n}`, par(n)));
    const one = await stageList(ledger, newRun('a'), rows);
    const two = await stageList(ledger, newRun('b'), rows);
    const read = async (fence: RunFence, turn: 0 | 1, inHand = nobody) =>
      await readDueRecords(ledger, fence.runNo, { provider, turn, afterRowNo: 0, inHand }, 100);
    const { records } = await read(one, 0);
    expect(records.map((record) => record.rowNo)).toEqual([1, 2, 3, 4]);
    expect((await read(one, 1)).records).toEqual([]);
    expect(await ledger.query('select 1 from enrollment where claim_run_no is not null')).toEqual([]);

    const marks = records.map(firstMark);
    const [first, second, third, fourth] = marks;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) {
      throw new Error('four records were expected');
    }
    // The other run has the first in hand, has called the second to its end, and has only read the third.
    const theirs = await claimFree(ledger, two, { provider, inHand: nobody }, 2);
    expect(theirs.records.map((record) => record.rowNo)).toEqual([1, 2]);
    const made = call(second.recordNo, 2, { outcome: 'transient' });
    await markSending(ledger, two, [{ ...made, at: made.sentAt }]);
    await recordCalls(ledger, two, [made]);
    expect(await claimAndMark(ledger, one, marks)).toEqual(new Set([third.recordNo, fourth.recordNo]));
    // Done again after a commit that went unheard.
    expect(await claimAndMark(ledger, one, [third, fourth])).toEqual(
      new Set([third.recordNo, fourth.recordNo]),
    );
    expect(await claimAndMark(ledger, two, [{ ...third, correlationId: 'another' }])).toEqual(new Set());
    expect(
      await ledger.query('select claim_run_no, claim_row_no, status from enrollment order by record_no'),
    ).toEqual([
      { claim_run_no: two.runNo, claim_row_no: 1, status: 'pending' },
      { claim_run_no: null, claim_row_no: null, status: 'transient' },
      { claim_run_no: one.runNo, claim_row_no: 3, status: 'sending' },
      { claim_run_no: one.runNo, claim_row_no: 4, status: 'sending' },
    ]);
    expect(await read(one, 0, new Set([third.recordNo, fourth.recordNo]))).toEqual({
      records: [],
      skipped: 2,
      lastRowNo: 4,
    });

    await raiseEpoch(ledger, one.runNo);
    await expect(claimAndMark(ledger, one, [first])).rejects.toBeInstanceOf(OvertakenError);
  });

  it('keeps a record ambiguous when a later call surely was not processed', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await stageList(setup.ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    const [record] = await claimAll(setup.ledger, fence);
    if (record === undefined) throw new Error('nothing was claimed');
    const calls = [
      call(record.recordNo, 1, { outcome: 'ambiguous', settled: false }),
      call(record.recordNo, 1, { outcome: 'transient', settled: true }),
    ];
    for (const made of calls) {
      await markSending(setup.ledger, fence, [{ ...made, at: made.sentAt }]);
      await recordCalls(setup.ledger, fence, [made]);
    }
    expect(await setup.ledger.query('select status, unanswered from enrollment')).toEqual([
      { status: 'ambiguous', unanswered: 1 },
    ]);
    expect(await countClasses(setup.ledger, fence.runNo)).toMatchObject({ ambiguous: 1, transient: 0 });
    expect(await setup.ledger.query('select outcome from attempt order by attempt_no')).toEqual([
      { outcome: 'ambiguous' },
      { outcome: 'transient' },
    ]);
  });

  it('plans ten thousand fresh rows as quickly as their number allows', async () => {
    await using setup = await openTestLedger(engine);
    const { run_no: runNo } = await createRun(setup.ledger, newRun('a'));
    const fence = await raiseEpoch(setup.ledger, runNo);
    for (let set = 0; set < 20; set += 1) {
      const rows = Array.from({ length: 500 }, (_, index) => {
        const rowNo = set * 500 + index + 1;
        return recordRow(rowNo, String(rowNo), par(rowNo));
      });
      await stageRows(setup.ledger, fence, rows);
    }
    await refreshStatistics(setup.ledger);
    // Of a plan that reads the list again for each of its rows the database says so beforehand.
    const explained = await setup.ledger.query<Record<string, string>>(
      `explain update list_row r set class = 'disputed', settled = true
       from (select par from list_row where run_no = 1 and par is not null
             group by par having min(user_id) <> max(user_id)) d
       where r.run_no = 1 and r.par = d.par and r.class is null`,
    );
    const plan = explained.flatMap((line) => Object.values(line)).join('\n');
    expect(plan).not.toContain('Nested Loop');
    await markRepeated(setup.ledger, { of: [runNo], among: [runNo] });
    expect((await countClasses(setup.ledger, runNo)).unprocessed).toBe(10_000);
  });

  it('never hands out a correlation number twice, also not to two of us', async () => {
    await using setup = await openTestLedger(engine);
    const [one, two] = [createCorrelationNumbers(setup.ledger), createCorrelationNumbers(setup.ledger)];
    const numbers = await Promise.all(
      Array.from({ length: 3_000 }, async (_, index) => await (index % 2 === 0 ? one : two).next()),
    );
    expect(new Set(numbers).size).toBe(3_000);
    expect(Math.max(...numbers)).toBeLessThan(2 ** 28);
  });

  it('never shows a whole id in an error', async () => {
    await using setup = await openTestLedger(engine);
    await setup.ledger.query(
      `insert into enrollment (provider, user_id, par) values ('p', '1234567890123', '${par(1)}')`,
    );
    const twice = setup.ledger.query(`insert into enrollment (provider, user_id, par) values ('p', $1, $2)`, [
      '1234567890123',
      par(1),
    ]);
    const message = await twice.catch((error: unknown) => (error instanceof Error ? error.message : ''));
    expect(message).not.toContain('1234567890123');
    expect(message).not.toContain(par(1));
    expect(maskId(par(1))).not.toBe(par(1));
  });
});

const onServer = serverEngine.missing ? test.skip : test;

onServer(
  'a mark whose first statement commits while the second waits for its rows is one mark (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const { ledger } = setup;
    const fence = await stageList(ledger, newRun('a'), [recordRow(1, '11', par(1))]);
    const [record] = await claimAll(ledger, fence);
    if (record === undefined) throw new Error('nothing was claimed');
    const made = call(record.recordNo, 1);
    const mark = { ...made, at: made.sentAt };
    let second = Promise.resolve();
    await ledger.transaction(async (transaction) => {
      await markSending(transaction, fence, [mark]);
      second = markSending(ledger, fence, [mark]);
      await untilSomebodyWaits(ledger);
    });
    await second;
    expect(await ledger.query('select sending_correlation_id as id from enrollment')).toEqual([
      { id: made.correlationId },
    ]);
  },
);

/** Marks as the first calls of the records that are due make them. */
async function firstMarks(ledger: Ledger, fence: RunFence) {
  const range = { provider, turn: 0, afterRowNo: 0, inHand: nobody } as const;
  const { records } = await readDueRecords(ledger, fence.runNo, range, 100);
  return records.map(firstMark);
}

onServer('so is a mark that claims its record (server Postgres)', async () => {
  await using setup = await openTestLedger(serverEngine);
  const { ledger } = setup;
  const fence = await stageList(ledger, newRun('a'), [recordRow(1, '11', par(1))]);
  const marks = await firstMarks(ledger, fence);
  let second: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  const first = await ledger.transaction(async (transaction) => {
    const ours = await claimAndMark(transaction, fence, marks);
    second = claimAndMark(ledger, fence, marks);
    await untilSomebodyWaits(ledger);
    return ours;
  });
  expect(first.size).toBe(1);
  expect(await second).toEqual(first);
});

onServer('a mark that the database ends in a deadlock is made again (server Postgres)', async () => {
  await using setup = await openTestLedger(serverEngine);
  const { ledger } = setup;
  const rows = [1, 2].map((n) => recordRow(n, `1${n}`, par(n)));
  const fence = await stageList(ledger, newRun('a'), rows);
  const marks = await firstMarks(ledger, fence);
  const [first, second] = marks;
  if (first === undefined || second === undefined) throw new Error('two records were expected');
  const touch = 'update enrollment set message = message where record_no = $1';
  let marking: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  await ledger.transaction(async (transaction) => {
    await transaction.query(touch, [second.recordNo]);
    marking = claimAndMark(ledger, fence, marks);
    await untilSomebodyWaits(ledger);
    // So that of the two statements it is the mark that is ended.
    await transaction.query(`set local deadlock_timeout = '60s'`);
    await transaction.query(touch, [first.recordNo]);
  });
  expect(await marking).toEqual(new Set([first.recordNo, second.recordNo]));
});

/** Until a statement waits for a row that another transaction holds. */
async function untilSomebodyWaits(ledger: Ledger): Promise<void> {
  for (;;) {
    const rows = await ledger.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and query like '%sending_correlation_id%' and pid <> pg_backend_pid()`,
    );
    if (rows.length > 0) return;
  }
}
