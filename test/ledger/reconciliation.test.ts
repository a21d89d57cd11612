import { describe, expect, test } from 'vitest';
import { countCallsOfJobs } from '../../src/ledger/runs/purse-table.ts';
import type { Reply } from '../../src/domain/outcome.ts';
import { countCallsSince, readRecentCalls } from '../../src/ledger/runs/attempt-table.ts';
import {
  markInquiries,
  readInquiryFigures,
  recordInquiries,
  unmarkInquiries,
} from '../../src/ledger/breaks/reconciliation-calls.ts';
import {
  completeReconciliation,
  countMembers,
  readDueMembers,
  reopenReconciliation,
  settleLostInquiries,
  stageNextMembers,
  stageSample,
  supersedeReconciliation,
} from '../../src/ledger/breaks/reconciliation-table.ts';
import { parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { addRecord, answerOf, ask, begin, NIGHT, now, secondsAgo } from './reconciliation-world.ts';

describe.each(ledgerEngines)('members of a reconciliation ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('each once, of this provider and called before, also where some were staged already', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    await addRecord(ledger, 1, 2, { status: 'bad_data' });
    await addRecord(ledger, 2, 3, { status: 'conflict' });
    await addRecord(ledger, 3, 4, { status: 'pending', called: false });
    await addRecord(ledger, 4, 5, { provider: 'another' });
    const work = await begin(ledger);
    await addRecord(ledger, 5, 6);
    expect(await stageNextMembers(ledger, work)).toBe(1);
    expect(await readDueMembers(ledger, work.reconciliation_no, 0, 10)).toEqual([
      { memberNo: 1, userId: userIdOf(1) },
      { memberNo: 2, userId: userIdOf(2) },
      { memberNo: 3, userId: userIdOf(5) },
    ]);
    expect(work).toMatchObject({ members: 2, state: 'running' });
  });

  it('a sample is the same again when drawn again, and another one the next time', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    for (let member = 1; member <= 60; member += 1) await addRecord(ledger, member, member);
    const first = await begin(ledger, 12, 'reconcile-a');
    const drawn = await readDueMembers(ledger, first.reconciliation_no, 0, 100);
    await stageSample(ledger, first);
    expect(await readDueMembers(ledger, first.reconciliation_no, 0, 100)).toEqual(drawn);
    expect(new Set(drawn.map(({ userId }) => userId)).size).toBe(12);
    const second = await begin(ledger, 12, 'reconcile-b');
    const other = await readDueMembers(ledger, second.reconciliation_no, 0, 100);
    expect(other).toHaveLength(12);
    expect(other).not.toEqual(drawn);
  });

  it('unclear ones, and answers of long ago, are due again when it goes on', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    for (let member = 1; member <= 4; member += 1) await addRecord(ledger, member, member);
    const work = await begin(ledger);
    const no = work.reconciliation_no;
    await ask(ledger, work, [answerOf(1, [1]), answerOf(2, [2]), answerOf(3, [], { member: 'unclear' })]);
    expect(await countMembers(ledger, no)).toEqual({ due: 1, asked: 2, unclear: 1 });
    await ledger.query(
      `update reconciliation_member set asked_at = now() - interval '8 days' where member_no = 2`,
    );
    await reopenReconciliation(ledger, no, {});
    expect((await readDueMembers(ledger, no, 0, 10)).map(({ memberNo }) => memberNo)).toEqual([2, 3, 4]);
    expect(await ledger.query('select member_no from reconciliation_plan')).toEqual([{ member_no: 1 }]);
  });

  it('at its end nothing is kept of who was answered; of one that is closed nothing at all', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    for (let member = 1; member <= 2; member += 1) await addRecord(ledger, member, member);
    const work = await begin(ledger);
    const no = work.reconciliation_no;
    await ask(ledger, work, [answerOf(1, [1]), answerOf(2, [], { member: 'unclear' })]);
    const end = { exitCode: 4, exitCause: 'unclear', reason: 'complete', finishedAt: now } as const;
    await completeReconciliation(ledger, no, end, await countMembers(ledger, no));
    expect(await ledger.query('select member_no, state from reconciliation_member')).toEqual([
      { member_no: 2, state: 'unclear' },
    ]);
    expect(await ledger.query('select 1 as plan from reconciliation_plan')).toEqual([]);
    expect(await ledger.query('select state, answered, unclear from reconciliation')).toEqual([
      { state: 'complete', answered: 1, unclear: 1 },
    ]);
    await supersedeReconciliation(ledger, no, now);
    expect(await ledger.query('select 1 as member from reconciliation_member')).toEqual([]);
  });
});

describe.each(ledgerEngines)('inquiries ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('marked and recorded twice, a commit unheard, they count once', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    const work = await begin(ledger);
    await ask(ledger, work, [answerOf(1, [1, 7])]);
    await ask(ledger, work, [answerOf(1, [1, 7])]);
    expect(await ledger.query('select par from reconciliation_plan order by par')).toEqual([
      { par: parOf(1) },
      { par: parOf(7) },
    ]);
    expect(await readInquiryFigures(ledger, work.reconciliation_no)).toEqual({ calls: 1, perSecond: 1 });
  });

  it('an answer whose mark went with a lost primary is kept, and no success is held against it', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    const work = await begin(ledger);
    const place = { reconciliationNo: work.reconciliation_no, night: NIGHT };
    await recordInquiries(ledger, place, [answerOf(1, [2])]);
    expect(await countMembers(ledger, work.reconciliation_no)).toEqual({ due: 0, asked: 1, unclear: 0 });
    expect(
      await ledger.query(`select 1 as old from reconciliation_member where asked_at < '0001-01-01'`),
    ).toEqual([{ old: 1 }]);
    expect(await readInquiryFigures(ledger, work.reconciliation_no)).toMatchObject({ calls: 1 });
  });

  it('count against the rate, the day and the night, those of a dead process as late as they can have left', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    const work = await begin(ledger);
    const no = work.reconciliation_no;
    const notSent: Reply = { kind: 'not_sent', error: 'refused' };
    await ask(ledger, work, [
      answerOf(1, [], { correlationId: 'a', sentAt: secondsAgo(2), member: 'due' }),
      answerOf(1, [], { correlationId: 'b', sentAt: secondsAgo(90), member: 'due' }),
      answerOf(1, [], { correlationId: 'c', sentAt: secondsAgo(3), member: 'due', reply: notSent }),
    ]);
    const mark = (correlationId: string, at: Date) => ({ memberNo: 1, correlationId, at });
    await markInquiries(ledger, { reconciliationNo: no, night: NIGHT }, [
      mark('d', secondsAgo(50)),
      mark('e', secondsAgo(1)),
    ]);
    await unmarkInquiries(ledger, ['e', 'a']);
    const whose = { provider: 'truth', job: 'reconcile-proof', isOthers: false };
    const window = { windowMs: 60_000, most: Infinity };
    expect(await readRecentCalls(ledger, whose, now, window)).toEqual([0, 2_000, 3_000]);
    const others = { ...whose, isOthers: true };
    expect(await readRecentCalls(ledger, others, now, window)).toEqual([]);
    expect(await readRecentCalls(ledger, { ...others, job: 'proof' }, now, window)).toHaveLength(3);
    expect(await countCallsSince(ledger, 'truth', secondsAgo(60))).toBe(2);
    expect(await countCallsSince(ledger, 'another', secondsAgo(60))).toBe(0);
    expect(await countCallsOfJobs(ledger, ['reconcile-proof'], NIGHT)).toBe(3);
    expect(await countCallsOfJobs(ledger, ['reconcile-proof'], '2026-11-25')).toBe(0);
    expect(await settleLostInquiries(ledger, no)).toBe(1);
    expect(await settleLostInquiries(ledger, no)).toBe(0);
    expect(await countMembers(ledger, no)).toEqual({ due: 1, asked: 0, unclear: 0 });
  });
});
