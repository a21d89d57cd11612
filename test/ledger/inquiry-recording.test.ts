import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { describe, expect, test } from 'vitest';
import { readRun } from '../../src/ledger/runs/run-table.ts';
import { readAttemptFigures, readStretch, readRecentCalls } from '../../src/ledger/runs/attempt-table.ts';
import { claimFree, settleLostCalls } from '../../src/ledger/runs/claiming.ts';
import { markSending } from '../../src/ledger/runs/marking.ts';
import type { Ledger, RunFence } from '../../src/ledger/ledger-port.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { readReportedRows } from '../../src/ledger/runs/reported-rows.ts';
import { splitStatements } from '../../src/ledger/engine/migration-steps.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { recordCalls, type RecordedCall } from '../../src/ledger/runs/outcome-recording.ts';
import { createRecords, notePlanned, settleKnownRows } from '../../src/ledger/runs/planning.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import type { CallClass } from '../../src/domain/class.ts';
import type { CallKind } from '../../src/domain/outcome.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { makeFolder } from '../sandbox/sandbox-world.ts';

const provider = 'provider-a';
const nobody: ReadonlySet<string> = new Set();
const sentAt = new Date('2026-11-22T16:00:01.234Z');

/** A run of one row whose record it has claimed. */
async function claimOne(ledger: Ledger): Promise<{ fence: RunFence; recordNo: string }> {
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
    startedAt: sentAt,
  });
  const fence = { runNo: run.run_no, epoch: run.epoch };
  const content = { kind: 'record', userId: '11' as UserId, par: 'P'.repeat(27) as Par } as const;
  await stageRows(ledger, fence, [{ rowNo: 1, line: 2, cells: [], content }]);
  await ledger.transaction(async (transaction) => await createRecords(transaction, fence.runNo, provider));
  await notePlanned(ledger, fence.runNo);
  const { records } = await claimFree(ledger, fence, { provider, inHand: nobody }, 1);
  return { fence, recordNo: records[0]?.recordNo ?? '' };
}

let number = 0;

function callOf(
  recordNo: string,
  call: CallKind,
  outcome: CallClass | 'stop_run',
  settled: boolean,
): RecordedCall {
  number += 1;
  const code = call === 'plans' ? '000_000' : '007_012';
  return {
    recordNo,
    rowNo: 1,
    call,
    correlationId: `261123010001-${String(number).padStart(7, '0')}`,
    sentAt,
    latencyMs: 5,
    finding: call === 'plans' ? 'what the plans say' : null,
    reply:
      outcome === 'ambiguous' && call === 'register'
        ? { kind: 'no_answer', httpStatus: null, error: 'ECONNRESET: reset' }
        : {
            kind: 'answered',
            httpStatus: call === 'plans' ? 200 : 400,
            code,
            unread: null,
            message: 'words',
            raw: '{}',
            retryAfterMs: null,
          },
    outcome,
    settled,
  };
}

async function make(ledger: Ledger, fence: RunFence, call: RecordedCall): Promise<void> {
  await markSending(ledger, fence, [{ ...call, at: sentAt }]);
  await recordCalls(ledger, fence, [call]);
}

const RECORD = `select status, code, message, http_status, correlation_id, attempts, unanswered, nights, claim_run_no,
  first_success_at is not null as success from enrollment`;

describe.each(ledgerEngines)('an inquiry ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('that finds the record makes it a success, and shows the registration still', async () => {
    await using setup = await openTestLedger(engine);
    const { fence, recordNo } = await claimOne(setup.ledger);
    const registration = callOf(recordNo, 'register', 'ambiguous', false);
    await make(setup.ledger, fence, registration);
    await make(setup.ledger, fence, callOf(recordNo, 'plans', 'recovered', true));
    expect(await setup.ledger.query(RECORD)).toEqual([
      {
        status: 'recovered',
        code: null,
        message: 'what the plans say',
        http_status: null,
        correlation_id: registration.correlationId,
        attempts: 1,
        unanswered: 0,
        nights: 0,
        claim_run_no: null,
        success: true,
      },
    ]);
    const [row] = await readReportedRows(setup.ledger, fence.runNo, 0, 1);
    expect(row).toMatchObject({
      class: 'recovered',
      kept: false,
      attempts: 1,
      code: null,
      correlation_id: registration.correlationId,
    });
  });

  it.each(['ambiguous', 'conflict'] as const)(
    'that finds nothing leaves a record %s as it was',
    async (before) => {
      await using setup = await openTestLedger(engine);
      const { fence, recordNo } = await claimOne(setup.ledger);
      await make(setup.ledger, fence, callOf(recordNo, 'register', before, false));
      const [record] = await setup.ledger.query<{ unanswered: number }>(RECORD);
      expect(record).toMatchObject({ status: before, attempts: 1 });
      await make(setup.ledger, fence, callOf(recordNo, 'plans', before, false));
      expect(await setup.ledger.query(RECORD)).toEqual([record]);
      await make(setup.ledger, fence, callOf(recordNo, 'plans', 'stop_run', false));
      expect(await setup.ledger.query(RECORD)).toEqual([record]);
    },
  );

  it('counts against the rate and in the figures, and is no registration', async () => {
    await using setup = await openTestLedger(engine);
    const { fence, recordNo } = await claimOne(setup.ledger);
    await make(setup.ledger, fence, callOf(recordNo, 'register', 'conflict', false));
    await make(setup.ledger, fence, callOf(recordNo, 'plans', 'conflict', true));
    expect(await readAttemptFigures(setup.ledger, fence.runNo)).toMatchObject({
      calls: 1,
      retries: 0,
      inquiries: 1,
      lost: 0,
    });
    const whole = { after: null, until: null };
    expect(await readStretch(setup.ledger, fence.runNo, whole, 1_000)).toMatchObject({ fullest: 2 });
    const { job } = await readRun(setup.ledger, fence.runNo);
    const read = async (most: number, isOthers: boolean): Promise<number[]> =>
      await readRecentCalls(setup.ledger, { provider, job, isOthers }, sentAt, { windowMs: 1_000, most });
    expect(await read(10, false)).toHaveLength(2);
    expect(await read(1, false)).toHaveLength(1);
    expect(await read(10, true)).toEqual([]);
  });

  it('that was lost with its process is noted, and its record is as before', async () => {
    await using setup = await openTestLedger(engine);
    const { fence, recordNo } = await claimOne(setup.ledger);
    await make(setup.ledger, fence, callOf(recordNo, 'register', 'conflict', false));
    const [before] = await setup.ledger.query<object>(RECORD);
    const inquiry = callOf(recordNo, 'plans', 'conflict', true);
    await markSending(setup.ledger, fence, [{ ...inquiry, at: sentAt }]);
    expect(await settleLostCalls(setup.ledger, fence.runNo)).toEqual({ lost: 1 });
    expect(await setup.ledger.query(RECORD)).toEqual([{ ...before, claim_run_no: null }]);
    expect(await setup.ledger.query('select call, reply_kind from attempt order by attempt_no')).toEqual([
      { call: 'register', reply_kind: 'answered' },
      { call: 'plans', reply_kind: 'lost' },
    ]);
  });

  it('that a stopped run did not come to leaves a conflict of this run, not one kept from another', async () => {
    await using setup = await openTestLedger(engine);
    const { fence, recordNo } = await claimOne(setup.ledger);
    await make(setup.ledger, fence, callOf(recordNo, 'register', 'conflict', false));
    await settleLostCalls(setup.ledger, fence.runNo);
    const plan = {
      runNo: fence.runNo,
      provider,
      night: '2026-11-22',
      nights: 14,
      again: false,
      requested: false,
    };
    await settleKnownRows(setup.ledger, plan);
    const [row] = await readReportedRows(setup.ledger, fence.runNo, 0, 1);
    expect(row).toMatchObject({ class: 'conflict', kept: false, attempts: 1 });
  });
});

test('a ledger of before, with a record left sending, is brought up to date', async () => {
  const folder = join(await makeFolder(), 'ledger');
  await mkdir(folder);
  const first = await readFile('migrations/0001_ledger.sql', 'utf8');
  const old = await PGlite.create(join(folder, 'pgdata'));
  await old.exec(
    'create table schema_migration (version integer primary key, name text not null, applied_at timestamptz not null default now())',
  );
  for (const statement of splitStatements(first)) await old.exec(statement);
  await old.exec(`insert into schema_migration (version, name) values (1, '0001_ledger.sql')`);
  await old.exec(
    `insert into enrollment (provider, user_id, par, status, prior_status, sending_at, sending_correlation_id, claim_run_no, claim_row_no)
     values ('p', '11', repeat('P', 27), 'sending', 'pending', now(), 'c', 1, 1), ('p', '12', repeat('Q', 27), 'pending', null, null, null, null, null)`,
  );
  await old.close();
  const ledger = await openLedger({ kind: 'embedded', folder });
  expect(await ledger.query('select status, sending_call from enrollment order by record_no')).toEqual([
    { status: 'sending', sending_call: 'register' },
    { status: 'pending', sending_call: null },
  ]);
  await ledger.close();
});
