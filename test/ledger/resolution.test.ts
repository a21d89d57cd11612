import { describe, expect, test } from 'vitest';
import { callClasses, failedClasses, isSuccess, whoMustAct, type CallClass } from '../../src/domain/class.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { claimFree, settleLostCalls } from '../../src/ledger/runs/claiming.ts';
import { markSending } from '../../src/ledger/runs/marking.ts';
import type { Ledger, RunFence } from '../../src/ledger/ledger-port.ts';
import { readRowFigures } from '../../src/ledger/proofs/row-groups.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { readReportedRows } from '../../src/ledger/runs/reported-rows.ts';
import { recordCalls } from '../../src/ledger/runs/outcome-recording.ts';
import { createRecords, notePlanned, settleKnownRows } from '../../src/ledger/runs/planning.ts';
import { readResolutions, settleRecord, undoResolution } from '../../src/ledger/breaks/resolution-table.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'provider-a';
const userId = '11' as UserId;
const par = 'P'.repeat(27) as Par;
const nobody: ReadonlySet<string> = new Set();
const NIGHTS = 3;

/** The record's days: each call is made on the next. */
function dayOf(n: number): Date {
  return new Date(Date.UTC(2026, 10, n, 16));
}

async function resolvedOf(ledger: Ledger, runNo: number) {
  return (await readRowFigures(ledger, runNo, NIGHTS)).resolved;
}

/** A run of a list with this record alone, claimed by it. */
async function beginRun(ledger: Ledger, n: number, kind: 'list' | 'retry' = 'retry') {
  const run = await createRun(ledger, {
    id: `run-${n}`,
    job: `job-${n}`,
    provider,
    kind,
    night: dayOf(n).toISOString().slice(0, 10),
    listName: 'list.csv',
    content: 'c0ffee',
    again: true,
    settings: { retry: { nights: NIGHTS } },
    startedAt: dayOf(n),
  });
  const fence: RunFence = { runNo: run.run_no, epoch: run.epoch };
  await stageRows(ledger, fence, [
    { rowNo: 1, line: 2, cells: ['11', par], content: { kind: 'record', userId, par } },
  ]);
  await ledger.transaction(async (transaction) => await createRecords(transaction, run.run_no, provider));
  await notePlanned(ledger, run.run_no);
  return fence;
}

async function claimIt(ledger: Ledger, fence: RunFence): Promise<string> {
  const place = { provider, inHand: nobody };
  const { records } = await claimFree(ledger, fence, place, 1);
  return records[0]?.recordNo ?? 'not claimed';
}

/** One call, its end recorded. */
async function callIt(
  ledger: Ledger,
  n: number,
  outcome: CallClass | 'stop_run',
  code: string | null,
): Promise<RunFence> {
  const fence = await beginRun(ledger, n);
  const recordNo = await claimIt(ledger, fence);
  const correlationId = `261123010001-${String(n).padStart(7, '0')}`;
  await markSending(ledger, fence, [{ recordNo, call: 'register', correlationId, at: dayOf(n) }]);
  const answer = {
    kind: 'answered',
    httpStatus: 400,
    code,
    unread: null,
    message: 'words',
    raw: '',
    retryAfterMs: null,
  } as const;
  await recordCalls(ledger, fence, [
    {
      recordNo,
      rowNo: 1,
      call: 'register',
      correlationId,
      sentAt: dayOf(n),
      latencyMs: 5,
      finding: null,
      reply: code === null ? { kind: 'no_answer', httpStatus: null, error: 'reset' } : answer,
      outcome,
      settled: outcome !== 'stop_run',
    },
  ]);
  return fence;
}

async function settleIt(ledger: Ledger, cls: CallClass, code: string | null): Promise<boolean> {
  const rows = await ledger.query<{ record_no: string }>('select record_no from enrollment');
  const settled = { class: cls, code, at: dayOf(20), by: 'kim@desk', note: 'talked to the member' };
  return (await settleRecord(ledger, rows[0]?.record_no ?? '0', settled)) !== null;
}

interface Status {
  readonly class: string;
  readonly code: string | null;
  readonly who_must_act: string;
  readonly since: Date | null;
  readonly nights: number;
  readonly last_run: string | null;
  readonly resolved_note: string | null;
}

async function statusOf(ledger: Ledger): Promise<Status | undefined> {
  const rows = await ledger.query<Status>(
    `select class, code, who_must_act, since, nights, last_run, resolved_note from enrollment_status where user_id = $1`,
    [userId],
  );
  return rows[0];
}

describe.each(ledgerEngines)('a record and what a person settles ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('has its class and code since the first call that gave them, and the last run that called it', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await beginRun(ledger, 1);
    expect(await statusOf(ledger)).toMatchObject({ class: 'pending', since: null, last_run: null });
    await callIt(ledger, 2, 'conflict', '007_031');
    await callIt(ledger, 3, 'conflict', '007_031');
    expect(await statusOf(ledger)).toMatchObject({ since: dayOf(2), last_run: 'run-3' });
    await callIt(ledger, 4, 'conflict', '007_032');
    expect(await statusOf(ledger)).toMatchObject({ since: dayOf(4), code: '007_032', last_run: 'run-4' });
    await callIt(ledger, 5, 'bad_data', '007_032');
    expect(await statusOf(ledger)).toMatchObject({ since: dayOf(5), class: 'bad_data' });
    await callIt(ledger, 6, 'stop_run', '000_401');
    expect(await statusOf(ledger)).toMatchObject({ since: dayOf(5), code: '007_032', last_run: 'run-6' });
  });

  it('needs nobody once settled, until a call gives it another code or class', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const before = await callIt(ledger, 1, 'conflict', '007_031');
    expect(await settleIt(ledger, 'conflict', '007_031')).toBe(true);
    const settled = { class: 'conflict', who_must_act: 'nobody', resolved_note: 'talked to the member' };
    expect(await statusOf(ledger)).toMatchObject(settled);
    const same = await callIt(ledger, 2, 'conflict', '007_031');
    expect(await statusOf(ledger)).toMatchObject(settled);
    expect(await resolvedOf(ledger, same.runNo)).toMatchObject({ conflict: 1, bad_data: 0 });
    expect(await resolvedOf(ledger, before.runNo)).toMatchObject({ conflict: 0 });
    const [row] = await readReportedRows(ledger, same.runNo, 0, 1);
    expect(row?.settled).toEqual({
      by: 'kim@desk',
      at: '2026-11-20T16:00:00.000Z',
      note: 'talked to the member',
      ids: [userId, par],
    });
    const other = await callIt(ledger, 3, 'conflict', '007_032');
    expect(await statusOf(ledger)).toMatchObject({ who_must_act: 'operations', resolved_note: null });
    expect(await resolvedOf(ledger, other.runNo)).toMatchObject({ conflict: 0 });
    expect(await resolvedOf(ledger, same.runNo)).toMatchObject({ conflict: 1 });
    expect(await settleIt(ledger, 'conflict', '007_032')).toBe(true);
    await callIt(ledger, 4, 'enrolled', '007_032');
    expect(await statusOf(ledger)).toMatchObject({ class: 'enrolled', resolved_note: null });
  });

  it('is settled under the class and code a person saw, or not at all', async () => {
    await using setup = await openTestLedger(engine);
    await callIt(setup.ledger, 1, 'conflict', '007_031');
    expect(await settleIt(setup.ledger, 'conflict', '007_032')).toBe(false);
    expect(await settleIt(setup.ledger, 'bad_data', '007_031')).toBe(false);
    expect(await setup.ledger.query('select 1 from resolution')).toEqual([]);
  });

  it('marks the rows of a later list whose record it keeps', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await callIt(ledger, 1, 'conflict', '007_031');
    await settleIt(ledger, 'conflict', '007_031');
    const { runNo } = await beginRun(ledger, 2, 'list');
    const rules = { runNo, provider, night: '2026-11-02', nights: 3, again: false, requested: false };
    await settleKnownRows(ledger, rules);
    expect(await resolvedOf(ledger, runNo)).toMatchObject({ conflict: 1 });
  });

  it('is taken back by name, and what was settled stays known', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await callIt(ledger, 1, 'ambiguous', null);
    await settleIt(ledger, 'ambiguous', null);
    const [{ record_no: recordNo } = { record_no: '' }] = await ledger.query<{ record_no: string }>(
      'select record_no from enrollment',
    );
    const undone = { at: dayOf(21), by: 'lee@desk' };
    expect(await undoResolution(ledger, recordNo, undone)).toBe(true);
    expect(await undoResolution(ledger, recordNo, undone)).toBe(false);
    expect(await statusOf(ledger)).toMatchObject({ class: 'ambiguous', resolved_note: null });
    expect(await readResolutions(ledger, recordNo)).toMatchObject([
      { resolved_by: 'kim@desk', undone_by: 'lee@desk', in_force: false },
    ]);
  });

  it('stays settled when the call that is lost says the same, and not when it says something else', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await callIt(ledger, 1, 'ambiguous', null);
    await settleIt(ledger, 'ambiguous', null);
    await loseCall(ledger, 2);
    expect(await statusOf(ledger)).toMatchObject({
      since: dayOf(1),
      last_run: 'run-2',
      who_must_act: 'nobody',
    });
    expect(await statusOf(ledger)).toMatchObject({ resolved_note: 'talked to the member' });
    await callIt(ledger, 3, 'conflict', '007_031');
    await settleIt(ledger, 'conflict', '007_031');
    await loseCall(ledger, 4);
    expect(await statusOf(ledger)).toMatchObject({
      class: 'ambiguous',
      since: dayOf(4),
      resolved_note: null,
    });
  });

  it('says who must act as the domain does, for every class and on both sides of the nights', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await callIt(ledger, 1, 'conflict', '007_031');
    for (const name of callClasses) {
      for (const nights of [0, NIGHTS - 1, NIGHTS, NIGHTS + 1]) {
        await ledger.query('update enrollment set status = $1, nights = $2', [name, nights]);
        expect({ name, nights, actor: (await statusOf(ledger))?.who_must_act }).toEqual({
          name,
          nights,
          actor: whoMustAct(name, nights >= NIGHTS),
        });
      }
    }
  });

  it('holds by CHECK that only a failure is settled', async () => {
    await using setup = await openTestLedger(engine);
    await callIt(setup.ledger, 1, 'conflict', '007_031');
    for (const name of callClasses.filter(isSuccess)) {
      const settled = setup.ledger.query('update enrollment set status = $1, resolution_no = 1', [name]);
      await expect(settled).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    }
    for (const name of failedClasses)
      await setup.ledger.query('update enrollment set status = $1, resolution_no = 1', [name]);
    const pending = setup.ledger.query(`update enrollment set status = 'pending', resolution_no = null`);
    await expect(pending).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
  });
});

/** The process dies while the call is under way. */
async function loseCall(ledger: Ledger, n: number): Promise<void> {
  const fence = await beginRun(ledger, n);
  const recordNo = await claimIt(ledger, fence);
  const correlationId = `261123010001-${String(n).padStart(7, '0')}`;
  await markSending(ledger, fence, [{ recordNo, call: 'register', correlationId, at: dayOf(n) }]);
  expect((await settleLostCalls(ledger, fence.runNo)).lost).toBe(1);
}
