import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { callClasses, type CallClass } from '../../src/domain/class.ts';
import {
  describeWave,
  findTrippedGuard,
  type CallTally,
  type GuardRules,
} from '../../src/dispatch/guards/guards.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled, notSent } from './dispatch-world.ts';

const none: GuardRules = {
  maxFailures: { kind: 'share', percent: 100 },
  maxUnknownCodes: Infinity,
  newlyFailingPercent: null,
};
const badData = answered(400, '001_003');

function share(percent: number): GuardRules {
  return { ...none, maxFailures: { kind: 'share', percent } };
}

function atMost(count: number): GuardRules {
  return { ...none, maxFailures: { kind: 'count', count } };
}

function tallyOf(final: Partial<Record<CallClass, number>>, calls?: number): CallTally {
  const finished = Object.values(final).reduce((sum, count) => sum + count, 0);
  return { calls: calls ?? finished, final, unknownCodes: new Map(), well: {} };
}

describe('maxFailures as a share', () => {
  test('trips when it is exceeded, not when it is reached', () => {
    expect(findTrippedGuard(share(5), tallyOf({ enrolled: 190, bad_data: 10 }))).toBeNull();
    expect(findTrippedGuard(share(5), tallyOf({ enrolled: 189, bad_data: 11 }))?.sentence).toBe(
      'stopped by guards.maxFailures (5%): 11 of 200 records failed, 5.5% (bad_data 11)',
    );
  });

  test('says nothing before 200 calls', () => {
    expect(findTrippedGuard(share(5), tallyOf({ bad_data: 199 }))).toBeNull();
    expect(findTrippedGuard(share(5), tallyOf({ bad_data: 200 }))).not.toBeNull();
  });

  test('is of the records that came to their end: a call that comes again is no record more', () => {
    expect(findTrippedGuard(share(5), tallyOf({ enrolled: 99, transient: 6 }, 200))?.sentence).toContain(
      '6 of 105',
    );
    expect(findTrippedGuard(share(5), tallyOf({}, 200))).toBeNull();
  });

  test('names every class that counts, and none that does not', () => {
    const final = Object.fromEntries(callClasses.map((name) => [name, 50]));
    expect(findTrippedGuard(share(5), tallyOf(final))?.sentence).toBe(
      'stopped by guards.maxFailures (5%): 250 of 450 records failed, 55.6% ' +
        '(bad_data 50, conflict 50, unknown_code 50, ambiguous 50, transient 50)',
    );
    expect(findTrippedGuard(share(0), tallyOf({ enrolled: 100, action_required: 400 }))).toBeNull();
  });

  test('100% never trips', () => {
    const counts = fc.dictionary(fc.constantFrom(...callClasses), fc.nat(10_000));
    fc.assert(
      fc.property(counts, fc.nat(100_000), (final, calls) => {
        expect(findTrippedGuard(share(100), tallyOf(final, calls))).toBeNull();
      }),
    );
  });
});

test('maxFailures as a number trips at one more, from the first call on', () => {
  expect(findTrippedGuard(atMost(2), tallyOf({ enrolled: 1, bad_data: 1, conflict: 1 }))).toBeNull();
  expect(findTrippedGuard(atMost(2), tallyOf({ enrolled: 1, bad_data: 2, conflict: 1 }))).toEqual({
    cause: 'max_failures',
    sentence: 'stopped by guards.maxFailures (2): 3 of 4 records failed (bad_data 2, conflict 1)',
  });
  expect(findTrippedGuard(atMost(0), tallyOf({ enrolled: 9 }))).toBeNull();
  expect(findTrippedGuard(atMost(0), tallyOf({ transient: 1 }))).not.toBeNull();
});

describe('newlyFailing', () => {
  const rules: GuardRules = { ...none, newlyFailingPercent: 10 };
  const wellOf = (well: CallTally['well']): CallTally => ({ ...tallyOf({ enrolled: 1_000 }), well });

  test('trips when more than the share of members that were well are refused, from 200 of them on', () => {
    expect(findTrippedGuard(rules, wellOf({ enrolled: 180, bad_data: 15, conflict: 5 }))).toBeNull();
    expect(findTrippedGuard(rules, wellOf({ enrolled: 178, bad_data: 21 }))).toBeNull();
    expect(findTrippedGuard(rules, wellOf({ enrolled: 179, bad_data: 15, unknown_code: 6 }))).toEqual({
      cause: 'newly_failing',
      sentence:
        'stopped by guards.newlyFailing (10%): 21 of 200 members that were well are refused now, 10.5% (bad_data 15, unknown_code 6)',
    });
    expect(findTrippedGuard(none, wellOf({ bad_data: 1_000 }))).toBeNull();
  });

  test('a wave of action_required, and calls without an answer, stop nothing; the wave is told', () => {
    const wave = wellOf({ enrolled: 100, action_required: 100, transient: 50 });
    expect(findTrippedGuard(rules, wave)).toBeNull();
    expect(describeWave(rules, wave)).toMatch(/^100 of 250 members that were well must act themselves now/);
    expect(describeWave(rules, wellOf({ enrolled: 180, action_required: 20 }))).toBeNull();
    expect(describeWave(rules, wellOf({ action_required: 199 }))).toBeNull();
  });
});

describe('maxUnknownCodes', () => {
  function weigh(most: number, codes: Record<string, number>): string | null {
    const tally = { ...tallyOf({}, 500), unknownCodes: new Map(Object.entries(codes)) };
    return findTrippedGuard({ ...none, maxUnknownCodes: most }, tally)?.sentence ?? null;
  }

  test('trips at one call more, and names the codes, the most frequent first', () => {
    expect(weigh(20, { '009_999': 5, '999_999': 15 })).toBeNull();
    expect(weigh(20, { '009_999': 5, '999_999': 16 })).toBe(
      'stopped by guards.maxUnknownCodes (20): 21 calls were answered with codes that are not in the table (999_999 16, 009_999 5)',
    );
    expect(weigh(0, {})).toBeNull();
  });

  test('does not name a thousand codes', () => {
    const codes = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`code-${n}`, 1]));
    expect(weigh(20, codes)).toMatch(/\(code-0 1, .*, code-9 1, 990 more\)$/);
  });
});

describe('a dispatch that is guarded', () => {
  test('stops after the call that was one failure too many; what is in flight is recorded', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(60),
      answer: (recordNo) => (Number(recordNo) % 2 === 0 ? badData : enrolled),
      concurrency: 4,
      guards: { maxFailures: { kind: 'count', count: 5 } },
    });
    const reason = await world.run();
    expect(reason).toMatchObject({ kind: 'limit' });
    expect(world.count('send')).toBeLessThan(12 + 4);
    expect(world.count('record')).toBe(world.count('send'));
    expect(world.count('unmark') + world.count('send')).toBe(world.count('mark'));
  });

  test('counts each call with a code that is not in the table, and no other', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(12),
      answer: (recordNo) => {
        if (recordNo === '12') throw new Error('one call more than allowed');
        return Number(recordNo) % 3 === 0 ? answered(400, `000_10${Number(recordNo) % 2}`) : badData;
      },
      concurrency: 1,
      guards: { maxUnknownCodes: 2 },
    });
    expect(await world.run()).toEqual({
      kind: 'limit',
      cause: 'unknown_codes',
      sentence:
        'stopped by guards.maxUnknownCodes (2): 3 calls were answered with codes that are not in the table (000_101 2, 000_100 1)',
    });
    expect(world.count('send')).toBe(9);
  });

  test('a call that comes again is a failure when it is final, and only if it is one then', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: (recordNo, nth) => (recordNo === '2' && nth < 3 ? notSent : enrolled),
      attempts: 3,
      guards: { maxFailures: { kind: 'count', count: 0 } },
    });
    expect(await world.run()).toBeNull();
    expect(world.progress.at(-1)?.final).toEqual({ enrolled: 3 });
  });
});
