import { describe, expect, test } from 'vitest';
import { test as property, fc } from '@fast-check/vitest';
import { callClasses, type CallClass } from '../../src/domain/class.ts';
import { findTrippedGuard, type CallTally, type GuardRules } from '../../src/dispatch/guards.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled, notSent } from './dispatch-world.ts';

const none: GuardRules = { maxFailures: { kind: 'share', percent: 100 }, maxUnknownCodes: Infinity };
const badData = answered(400, '001_003');

function share(percent: number): GuardRules {
  return { ...none, maxFailures: { kind: 'share', percent } };
}

function atMost(count: number): GuardRules {
  return { ...none, maxFailures: { kind: 'count', count } };
}

function tallyOf(final: Partial<Record<CallClass, number>>, calls?: number): CallTally {
  return { calls: calls ?? Object.values(final).reduce((sum, count) => sum + count, 0), final };
}

describe('maxFailures as a share', () => {
  test('trips when it is exceeded, not when it is reached', () => {
    expect(findTrippedGuard(share(5), tallyOf({ enrolled: 190, bad_data: 10 }))).toBeNull();
    expect(findTrippedGuard(share(5), tallyOf({ enrolled: 189, bad_data: 11 }))).toBe(
      'stopped by guards.maxFailures (5%): 11 of 200 records failed, 5.5% (bad_data 11)',
    );
  });

  test('says nothing before 200 calls', () => {
    expect(findTrippedGuard(share(5), tallyOf({ bad_data: 199 }))).toBeNull();
    expect(findTrippedGuard(share(5), tallyOf({ bad_data: 200 }))).not.toBeNull();
  });

  test('is of the records that came to their end: a call that comes again is no record more', () => {
    expect(findTrippedGuard(share(5), tallyOf({ enrolled: 99, transient: 6 }, 200))).toContain('6 of 105');
    expect(findTrippedGuard(share(5), tallyOf({}, 200))).toBeNull();
  });

  test('names every class that counts, and none that does not', () => {
    const final = Object.fromEntries(callClasses.map((name) => [name, 50]));
    expect(findTrippedGuard(share(5), tallyOf(final))).toBe(
      'stopped by guards.maxFailures (5%): 250 of 450 records failed, 55.6% ' +
        '(bad_data 50, conflict 50, unknown_code 50, ambiguous 50, transient 50)',
    );
    expect(findTrippedGuard(share(0), tallyOf({ enrolled: 100, action_required: 400 }))).toBeNull();
  });

  property.prop([fc.dictionary(fc.constantFrom(...callClasses), fc.nat(10_000)), fc.nat(100_000)])(
    '100% never trips',
    (final, calls) => {
      expect(findTrippedGuard(share(100), tallyOf(final, calls))).toBeNull();
    },
  );
});

test('maxFailures as a number trips at one more, from the first call on', () => {
  expect(findTrippedGuard(atMost(2), tallyOf({ enrolled: 1, bad_data: 1, conflict: 1 }))).toBeNull();
  expect(findTrippedGuard(atMost(2), tallyOf({ enrolled: 1, bad_data: 2, conflict: 1 }))).toBe(
    'stopped by guards.maxFailures (2): 3 of 4 records failed (bad_data 2, conflict 1)',
  );
  expect(findTrippedGuard(atMost(0), tallyOf({ enrolled: 9 }))).toBeNull();
  expect(findTrippedGuard(atMost(0), tallyOf({ transient: 1 }))).not.toBeNull();
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
