import { describe, expect, test } from 'vitest';
import type { CallClass } from '../../src/domain/class.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import type { Ledger, RunFence } from '../../src/ledger/ledger-port.ts';
import { OvertakenError } from '../../src/ledger/ledger-port.ts';
import { claimFree, readDueRecords, settleLostCalls } from '../../src/ledger/runs/claiming.ts';
import { markSending } from '../../src/ledger/runs/marking.ts';
import { reopenLeftRows } from '../../src/ledger/runs/list-row-table.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { readReportedRows } from '../../src/ledger/runs/reported-rows.ts';
import { recordCalls, type RecordedCall } from '../../src/ledger/runs/outcome-recording.ts';
import { createRecords, notePlanned, orderRows } from '../../src/ledger/runs/planning.ts';
import { createRun, raiseEpoch } from '../../src/ledger/runs/run-table.ts';
import { isSetupProved, noteSetup, settleHeldCalls } from '../../src/ledger/runs/setup-proof.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'provider-a';
const at = new Date('2026-11-22T16:00:00Z');
const later = new Date('2026-11-22T17:00:00Z');

async function createRunOf(ledger: Ledger, rows: number): Promise<RunFence> {
  const run = await createRun(ledger, {
    id: '20261122T160000Z-a-0001',
    job: 'a',
    provider,
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: 'c0ffee',
    again: false,
    settings: {},
    startedAt: at,
  });
  const fence = { runNo: run.run_no, epoch: run.epoch };
  const staged = Array.from({ length: rows }, (_, index) => ({
    rowNo: index + 1,
    line: index + 2,
    cells: [],
    content: {
      kind: 'record',
      userId: String(index + 1) as UserId,
      par: `P${String(index).padStart(26, '0')}` as Par,
    } as const,
  }));
  await stageRows(ledger, fence, staged);
  await ledger.transaction(async (transaction) => await createRecords(transaction, fence.runNo, provider));
  await notePlanned(ledger, fence.runNo);
  return fence;
}

async function readTurn(ledger: Ledger, { runNo }: RunFence, turn: 0 | 1) {
  const range = { provider, turn, afterRowNo: 0, inHand: new Set<string>() };
  return (await readDueRecords(ledger, runNo, range, 10)).records;
}

async function claim(ledger: Ledger, fence: RunFence) {
  const { records } = await claimFree(ledger, fence, { provider, inHand: new Set() }, 10);
  return records;
}

interface Call {
  readonly rowNo: number;
  readonly recordNo: string;
  readonly outcome: CallClass | 'stop_run' | 'held';
  readonly httpStatus?: number;
  readonly code?: string | null;
  readonly nth?: number;
  readonly sentAt?: Date;
}

async function make(ledger: Ledger, fence: RunFence, call: Call): Promise<string> {
  const { rowNo, recordNo, outcome, httpStatus = 400, code = '000_002', nth = 1, sentAt = at } = call;
  const correlationId = `261123010001-${rowNo}-${nth}`;
  await markSending(ledger, fence, [{ recordNo, call: 'register', correlationId, at: sentAt }]);
  const recorded: RecordedCall = {
    recordNo,
    rowNo,
    call: 'register',
    correlationId,
    sentAt,
    latencyMs: 5,
    finding: null,
    reply: {
      kind: 'answered',
      httpStatus,
      code,
      unread: code === null ? 'no' : null,
      message: 'words',
      raw: '{}',
      retryAfterMs: null,
    },
    outcome,
    settled: outcome !== 'held' && outcome !== 'stop_run',
  };
  await recordCalls(ledger, fence, [recorded]);
  return correlationId;
}

const RECORDS = `select status, code, attempts, nights, claim_run_no is null as free from enrollment order by user_id`;

describe.each(ledgerEngines)('a held call ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('leaves its record as it was and claimed; the proof makes bad data of attempt, record and row, once', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await createRunOf(ledger, 2);
    const [first, second] = await claim(ledger, fence);
    const held = await make(ledger, fence, { rowNo: 1, recordNo: first?.recordNo ?? '', outcome: 'held' });
    expect(await ledger.query(RECORDS)).toMatchObject([
      { status: 'pending', code: null, attempts: 1, free: false },
      { status: 'pending', attempts: 0, free: false },
    ]);
    expect((await readReportedRows(ledger, fence.runNo, 0, 1))[0]).toMatchObject({
      class: 'unprocessed',
      code: null,
      attempts: 1,
    });
    const proof = await make(ledger, fence, {
      rowNo: 2,
      recordNo: second?.recordNo ?? '',
      outcome: 'enrolled',
      httpStatus: 200,
      code: '000_000',
    });
    // A call that is not held is never touched, whoever names it.
    for (let times = 0; times < 2; times += 1) await settleHeldCalls(ledger, fence, [held, proof]);
    expect(await ledger.query(RECORDS)).toMatchObject([
      { status: 'bad_data', code: '000_002', attempts: 1, nights: 0, free: true },
      { status: 'enrolled', code: '000_000', attempts: 1, free: true },
    ]);
    expect(await ledger.query('select outcome from attempt order by attempt_no')).toEqual([
      { outcome: 'bad_data' },
      { outcome: 'enrolled' },
    ]);
    expect((await readReportedRows(ledger, fence.runNo, 0, 1))[0]).toMatchObject({
      class: 'bad_data',
      code: '000_002',
      message: 'words',
      attempts: 1,
      correlation_id: held,
    });
  });

  it('of a dead process is no class: its record is free and is called again, after those never called', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await createRunOf(ledger, 2);
    const [first] = await claim(ledger, fence);
    const held = await make(ledger, fence, { rowNo: 1, recordNo: first?.recordNo ?? '', outcome: 'held' });
    const next = await raiseEpoch(ledger, fence.runNo);
    await settleLostCalls(ledger, fence.runNo);
    await reopenLeftRows(ledger, fence.runNo);
    await orderRows(ledger, fence.runNo, provider);
    await notePlanned(ledger, fence.runNo);
    await expect(settleHeldCalls(ledger, fence, [held])).rejects.toBeInstanceOf(OvertakenError);
    expect(await ledger.query(RECORDS)).toMatchObject([
      { status: 'pending', free: true },
      { status: 'pending', free: true },
    ]);
    expect((await readTurn(ledger, next, 0)).map((record) => record.rowNo)).toEqual([2]);
    expect(await readTurn(ledger, next, 1)).toMatchObject([
      { rowNo: 1, status: 'pending', wasRefused: false },
    ]);
  });

  it('a record refused at the door is known by it when it is claimed again', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await createRunOf(ledger, 2);
    const [first] = await claim(ledger, fence);
    const refused = {
      rowNo: 1,
      recordNo: first?.recordNo ?? '',
      outcome: 'stop_run',
      httpStatus: 403,
      code: null,
    } as const;
    await make(ledger, fence, refused);
    const next = await raiseEpoch(ledger, fence.runNo);
    await settleLostCalls(ledger, fence.runNo);
    await notePlanned(ledger, fence.runNo);
    expect((await claim(ledger, next)).map(({ rowNo, wasRefused }) => [rowNo, wasRefused])).toEqual([
      [1, true],
      [2, false],
    ]);
  });
});

describe.each(ledgerEngines)('a proof in the ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  async function isProvedBy(call: Omit<Call, 'rowNo' | 'recordNo'>, since = at): Promise<boolean> {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await createRunOf(ledger, 1);
    await noteSetup(ledger, fence.runNo, 'mine', at);
    const [record] = await claim(ledger, fence);
    await make(ledger, fence, { ...call, rowNo: 1, recordNo: record?.recordNo ?? '' });
    expect(await isSetupProved(ledger, 'another', since)).toBe(false);
    return await isSetupProved(ledger, 'mine', since);
  }

  it('is an answer that only a right set-up gets', async () => {
    expect(await isProvedBy({ outcome: 'enrolled', httpStatus: 200, code: '000_000' })).toBe(true);
    expect(await isProvedBy({ outcome: 'bad_data', code: '001_003' })).toBe(true);
    expect(await isProvedBy({ outcome: 'unknown_code', code: '007_099' })).toBe(true);
    expect(await isProvedBy({ outcome: 'bad_data', code: '000_002' })).toBe(false);
    expect(await isProvedBy({ outcome: 'unknown_code', code: '001_006' })).toBe(false);
    expect(await isProvedBy({ outcome: 'unknown_code', code: '000_000', httpStatus: 400 })).toBe(false);
    expect(await isProvedBy({ outcome: 'ambiguous', code: '007_017', httpStatus: 500 })).toBe(false);
  });

  it('is young enough', async () => {
    const call = { outcome: 'enrolled', httpStatus: 200, code: '000_000' } as const;
    expect(await isProvedBy(call, later)).toBe(false);
  });

  it('is of the set-up its run had then: a run continued under another one takes none along', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const fence = await createRunOf(ledger, 2);
    await noteSetup(ledger, fence.runNo, 'old', at);
    const [first, second] = await claim(ledger, fence);
    const good = { outcome: 'enrolled', httpStatus: 200, code: '000_000' } as const;
    await make(ledger, fence, { ...good, rowNo: 1, recordNo: first?.recordNo ?? '' });
    await noteSetup(ledger, fence.runNo, 'old', later);
    expect(await isSetupProved(ledger, 'old', at)).toBe(true);
    await noteSetup(ledger, fence.runNo, 'new', later);
    expect(await isSetupProved(ledger, 'new', at)).toBe(false);
    await make(ledger, fence, { ...good, rowNo: 2, recordNo: second?.recordNo ?? '', sentAt: later });
    expect(await isSetupProved(ledger, 'new', at)).toBe(true);
  });
});
