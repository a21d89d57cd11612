import { describe, expect, test } from 'vitest';
import { InFlightLimit } from '../../src/dispatch/gate/in-flight-limit.ts';
import { claimedRecords, answered, createDispatchWorld, enrolled, notSent } from './dispatch-world.ts';

/** So many good answers to calls that left as the `level`-th under way. */
function reward(limit: InFlightLimit, count: number, level = 1): void {
  for (let answer = 0; answer < count; answer += 1) limit.note('sound', level, 10_000, 10_000);
}

describe('the limit', () => {
  test.each(['throttled', 'overloaded', 'not_sent'] as const)(
    'halves what was under way at %s; good answers give it back one by one',
    (verdict) => {
      const limit = new InFlightLimit(16);
      limit.note(verdict, 10, 0, 1);
      expect(limit.allowed).toBe(5);
      reward(limit, 4);
      expect(limit.allowed).toBe(9);
      reward(limit, 100);
      expect(limit.allowed).toBe(16);
    },
  );

  test('never falls below one, and other faults leave it as it is', () => {
    const limit = new InFlightLimit(4);
    limit.note('fault', 4, 0, 1);
    expect(limit.allowed).toBe(4);
    for (let at = 1; at < 20; at += 1) limit.note('overloaded', 1, at, at);
    expect(limit.allowed).toBe(1);
  });

  test('is halved once by all those that were under way together', () => {
    const limit = new InFlightLimit(16);
    for (let level = 16; level > 8; level -= 1) limit.note('overloaded', level, 0, 5);
    expect(limit.allowed).toBe(8);
  });
});

describe('what is learnt', () => {
  /** A provider that bears so many at once; calls leave as long as the limit lets them and end one after the other. */
  function callAll(limit: InFlightLimit, records: number, bears: number): number {
    const underWay: { level: number; leftAt: number; isRefused: boolean }[] = [];
    let calls = 0;
    let done = 0;
    for (let now = 0; done < records; now += 1) {
      while (underWay.length < limit.allowed && done + underWay.length < records) {
        const level = underWay.length + 1;
        underWay.push({ level, leftAt: now, isRefused: level > bears });
        calls += 1;
      }
      // Refusals come at once, answers in their order.
      const refused = underWay.findIndex(({ isRefused }) => isRefused);
      const [over] = underWay.splice(Math.max(0, refused), 1);
      if (over === undefined) break;
      limit.note(over.isRefused ? 'overloaded' : 'sound', over.level, over.leftAt, now + 1);
      if (!over.isRefused) done += 1;
    }
    return calls;
  }

  test.each([1, 4, 7])('of a provider that bears %i at once, at the cost of a few calls', (bears) => {
    const limit = new InFlightLimit(16);
    const calls = callAll(limit, 400, bears);
    expect(calls).toBeLessThanOrEqual(400 * 1.06);
    expect(limit.learnt).toBe(bears);
  });

  test('nothing, of one that bears all of them', () => {
    const limit = new InFlightLimit(16);
    expect(callAll(limit, 400, 16)).toBe(400);
    expect([limit.learnt, limit.allowed]).toEqual([null, 16]);
  });

  test('nothing, where calls are refused however few they are', () => {
    const limit = new InFlightLimit(16);
    for (let at = 1; at < 200; at += 1)
      limit.note(at % 2 === 0 ? 'throttled' : 'sound', 1 + (at % 3), at, at);
    expect(limit.learnt).toBeNull();
  });

  test('nothing, of refusals here and there', () => {
    const limit = new InFlightLimit(16);
    for (let at = 1; at < 5_000; at += 1) {
      const level = 1 + (at % limit.allowed);
      limit.note(at % 33 === 0 ? 'overloaded' : 'sound', level, at, at);
    }
    expect(limit.learnt).toBeNull();
  });
});

test('no more calls are under way than are borne, however many slots wait for permits', async () => {
  let underWay = 0;
  let refused = 0;
  const world = createDispatchWorld({
    records: claimedRecords(120),
    concurrency: 16,
    adaptive: true,
    attempts: 20,
    rate: { count: 1_000, windowMs: 1_000 },
    answer: async () => {
      if (underWay >= 4) {
        refused += 1;
        return answered(503, null);
      }
      underWay += 1;
      await world.clock.sleep(40);
      underWay -= 1;
      return enrolled;
    },
  });
  expect(await world.runThroughTime()).toBeNull();
  expect(world.recorded.filter(({ outcome }) => outcome === 'enrolled')).toHaveLength(120);
  expect(refused).toBeLessThanOrEqual(30);
  expect(world.progress.some(({ state }) => state.kind === 'slowed' && state.atOnce === 4)).toBe(true);
});

test('a refused connection is a sign of too many, too', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(2),
    concurrency: 2,
    adaptive: true,
    attempts: 5,
    answer: (_, nth) => (nth === 1 ? notSent : enrolled),
  });
  expect(await world.runThroughTime()).toBeNull();
  expect(world.progress.some(({ state }) => state.kind === 'slowed' && state.atOnce === 1)).toBe(true);
});
