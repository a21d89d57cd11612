import { describe, expect, test } from 'vitest';
import { breakKinds, type BreakFigures } from '../../src/domain/reconciliation/break.ts';
import {
  closeUnseen,
  explainBreak,
  lockBreaks,
  readBreakFigures,
  readBreaks,
  type BreakMoment,
} from '../../src/ledger/breaks/break-table.ts';
import type { Queryable } from '../../src/ledger/ledger-port.ts';
import { parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { observeBreaks, type BreakFinding } from '../support/observed-breaks.ts';

const provider = 'provider-a';
const listScope = { provider, job: 'members', kinds: breakKinds.slice(0, 4) };
const providerScope = { provider, job: null, kinds: breakKinds.slice(4) };
const none = { '0': 0, '1-2': 0, '3-7': 0, '8-30': 0, '31+': 0 };

function evening(day: string): BreakMoment {
  return { at: new Date(`${day}T15:00:00Z`), night: day };
}

function later(moment: BreakMoment): Date {
  return new Date(moment.at.getTime() + 3_600_000);
}

function notEnrolled(number: number): BreakFinding {
  return {
    kind: 'not_enrolled',
    userId: userIdOf(number),
    par: parOf(number),
    otherUserId: null,
    otherPar: null,
    details: 'bad_data 007_031',
  };
}

/** One whole comparison of the list: what it finds stays, all else is closed. */
async function compare(on: Queryable, findings: readonly BreakFinding[], moment: BreakMoment) {
  const observed = await observeBreaks(on, listScope, findings, moment);
  const closed = await closeUnseen(on, { ...listScope, asked: null }, moment.at, moment);
  return { ...observed, closed };
}

async function figuresAt(on: Queryable, asOf: Date, night: string): Promise<BreakFigures[]> {
  return await readBreakFigures(on, { provider, asOf, night });
}

async function listed(on: Queryable, state: 'open' | 'explained' | 'closed', asOf: Date) {
  return await readBreaks(on, { provider, job: null, kinds: breakKinds, asOf, state }, 0, 100);
}

describe.each(ledgerEngines)('breaks ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;
  const first = evening('2026-11-20');
  const second = evening('2026-11-21');
  const third = evening('2026-11-24');

  it('are new, then the same ones, then gone, and new again when they come back', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    expect(await compare(ledger, [notEnrolled(1), notEnrolled(2)], first)).toEqual({
      added: 2,
      touched: 0,
      closed: 0,
    });
    expect(await compare(ledger, [notEnrolled(2), notEnrolled(3)], second)).toEqual({
      added: 1,
      touched: 1,
      closed: 1,
    });
    expect(await compare(ledger, [notEnrolled(1), notEnrolled(2)], third)).toEqual({
      added: 1,
      touched: 1,
      closed: 1,
    });
    const open = await listed(ledger, 'open', third.at);
    expect(open).toMatchObject([
      { break_no: 2, user_id: userIdOf(2), first_night: '2026-11-20', details: 'bad_data 007_031' },
      { break_no: 4, user_id: userIdOf(1), first_night: '2026-11-24' },
    ]);
    const closed = await listed(ledger, 'closed', third.at);
    expect(closed.map((row) => [row.break_no, row.closed_at])).toEqual([
      [1, second.at],
      [3, third.at],
    ]);
  });

  it('say of an earlier moment what they said then', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await compare(ledger, [notEnrolled(1), notEnrolled(2), notEnrolled(3)], first);
    await compare(ledger, [notEnrolled(1), notEnrolled(2)], second);
    await explainBreak(ledger, 2, { by: 'kim', note: 'left us', at: later(second) });
    const thatNight = await figuresAt(ledger, second.at, second.night);
    expect(thatNight).toEqual([
      {
        kind: 'not_enrolled',
        fresh: 0,
        stillOpen: 2,
        explained: 0,
        gone: 1,
        ages: { ...none, '1-2': 2 },
      },
    ]);
    await compare(ledger, [notEnrolled(2), notEnrolled(9)], third);
    expect(await figuresAt(ledger, second.at, second.night)).toEqual(thatNight);
    expect(await figuresAt(ledger, first.at, first.night)).toEqual([
      { kind: 'not_enrolled', fresh: 3, stillOpen: 0, explained: 0, gone: 0, ages: { ...none, '0': 3 } },
    ]);
    expect(await figuresAt(ledger, later(second), second.night)).toMatchObject([
      { stillOpen: 1, explained: 1, gone: 1 },
    ]);
    expect(await figuresAt(ledger, third.at, third.night)).toEqual([
      { kind: 'not_enrolled', fresh: 1, stillOpen: 0, explained: 1, gone: 1, ages: { ...none, '0': 1 } },
    ]);
  });

  it('are counted by their age in nights', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const nights = ['2026-10-24', '2026-10-25', '2026-11-16', '2026-11-17', '2026-11-22', '2026-11-24'];
    for (const [index, night] of nights.entries()) {
      await observeBreaks(ledger, listScope, [notEnrolled(index + 1)], evening(night));
    }
    expect(await figuresAt(ledger, third.at, third.night)).toMatchObject([
      { fresh: 1, stillOpen: 5, ages: { '0': 1, '1-2': 1, '3-7': 1, '8-30': 2, '31+': 1 } },
    ]);
  });

  it('stay explained while they are found, are closed when they are not, and come back unexplained', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await compare(ledger, [notEnrolled(1)], first);
    const explained = await explainBreak(ledger, 1, { by: 'kim', note: 'left us', at: later(first) });
    expect(explained).toMatchObject({
      break_no: 1,
      state: 'explained',
      explained_by: 'kim',
      note: 'left us',
    });
    await compare(ledger, [notEnrolled(1)], second);
    expect(await figuresAt(ledger, second.at, second.night)).toMatchObject([{ explained: 1, stillOpen: 0 }]);
    const again = await explainBreak(ledger, 1, { by: 'lee', note: 'will leave', at: later(second) });
    expect(again).toMatchObject({ explained_by: 'lee', note: 'will leave', explained_at: later(first) });
    expect(await compare(ledger, [], third)).toEqual({ added: 0, touched: 0, closed: 1 });
    const late = await explainBreak(ledger, 1, { by: 'park', note: 'too late', at: later(third) });
    expect(late).toMatchObject({ state: 'closed', note: 'will leave' });
    await compare(ledger, [notEnrolled(1)], evening('2026-11-25'));
    expect(await listed(ledger, 'open', new Date('2026-11-26T00:00:00Z'))).toMatchObject([
      { break_no: 2, note: null, first_night: '2026-11-25' },
    ]);
    expect(await explainBreak(ledger, 77, { by: 'kim', note: 'nothing', at: later(third) })).toBeNull();
  });

  it('of one comparison are none of another’s to close', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const moved = { ...notEnrolled(1), kind: 'other_member' as const, otherUserId: userIdOf(8) };
    const missing = { ...notEnrolled(2), kind: 'missing_at_provider' as const };
    await observeBreaks(ledger, listScope, [notEnrolled(1)], first);
    await observeBreaks(ledger, { ...listScope, job: 'others' }, [notEnrolled(1)], first);
    await observeBreaks(ledger, providerScope, [moved, missing], first);
    expect(await compare(ledger, [], second)).toEqual({ added: 0, touched: 0, closed: 1 });
    const onlyAsked = { ...providerScope, asked: [userIdOf(1), userIdOf(8)] };
    expect(await closeUnseen(ledger, onlyAsked, second.at, second)).toBe(1);
    const open = await listed(ledger, 'open', second.at);
    expect(open.map((row) => [row.kind, row.job, row.user_id])).toEqual([
      ['not_enrolled', 'others', userIdOf(1)],
      ['missing_at_provider', null, userIdOf(2)],
    ]);
    const ofJob = { provider, asOf: second.at, night: second.night };
    expect(await readBreakFigures(ledger, { ...ofJob, job: 'members' })).toMatchObject([
      { kind: 'not_enrolled', stillOpen: 0, gone: 1 },
      { kind: 'missing_at_provider', stillOpen: 1 },
      { kind: 'other_member', gone: 1 },
    ]);
    const listKinds = listScope.kinds;
    expect(await readBreakFigures(ledger, { ...ofJob, job: 'others', kinds: listKinds })).toMatchObject([
      { kind: 'not_enrolled', stillOpen: 1, gone: 0 },
    ]);
  });

  it('with another PAR or member than before are other breaks', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const changed = (otherPar: string): BreakFinding => ({
      ...notEnrolled(1),
      kind: 'par_changed',
      otherPar,
    });
    await compare(ledger, [changed(parOf(7))], first);
    expect(await compare(ledger, [changed(parOf(8))], second)).toEqual({ added: 1, touched: 0, closed: 1 });
    await expect(
      observeBreaks(ledger, listScope, [{ ...notEnrolled(3), otherPar: parOf(4) }], third),
    ).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
  });

  it('are read a page at a time, in the order of their numbers', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await observeBreaks(ledger, listScope, [1, 2, 3, 4, 5].map(notEnrolled), first);
    await explainBreak(ledger, 3, { by: 'kim', note: 'left us', at: first.at });
    const selection = { provider, job: 'members', kinds: breakKinds, asOf: first.at, state: 'open' as const };
    const page = await readBreaks(ledger, selection, 1, 2);
    expect(page.map((row) => row.break_no)).toEqual([2, 4]);
    expect((await readBreaks(ledger, selection, 4, 2)).map((row) => row.break_no)).toEqual([5]);
  });

  it('wait for the comparison that has them locked', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    let firstIsIn: () => void = () => undefined;
    const isIn = new Promise<void>((resolve) => {
      firstIsIn = resolve;
    });
    const [one, other] = await Promise.all([
      ledger.transaction(async (transaction) => {
        await lockBreaks(transaction);
        firstIsIn();
        return await compare(transaction, [notEnrolled(1)], first);
      }),
      isIn.then(
        async () =>
          await ledger.transaction(async (transaction) => {
            await lockBreaks(transaction);
            return await compare(transaction, [notEnrolled(1), notEnrolled(2)], second);
          }),
      ),
    ]);
    expect(one).toEqual({ added: 1, touched: 0, closed: 0 });
    expect(other).toEqual({ added: 1, touched: 1, closed: 0 });
  });
});
