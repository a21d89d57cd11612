import { describe, expect, test } from 'vitest';
import { AdaptivePace } from '../../src/dispatch/gate/adaptive-pace.ts';
import type { CallSign } from '../../src/dispatch/gate/call-sign.ts';

/** So many calls, each over 10 ms after it left, one every `everyMs` from `from` on. Returns when the next would leave. */
function call(pace: AdaptivePace, signs: readonly CallSign[], from: number, everyMs = 50): number {
  let now = from;
  for (const sign of signs) {
    pace.observe(sign, now, now + 10);
    now += everyMs;
  }
  return now;
}

function times(count: number, sign: CallSign): CallSign[] {
  return Array.from({ length: count }, () => sign);
}

describe('a 429', () => {
  test('halves the rate; it climbs by a twentieth of the whole a second and ends at the whole', () => {
    const pace = new AdaptivePace();
    expect(pace.fractionAt(0)).toBe(1);
    pace.observe('throttled', 900, 1_000);
    const climbed = [1_000, 2_000, 6_000, 11_000, 100_000].map((at) => pace.fractionAt(at));
    expect(climbed.map((fraction) => Number(fraction.toFixed(6)))).toEqual([0.5, 0.55, 0.75, 1, 1]);
  });

  test('again and again never lets it fall below a tenth', () => {
    const pace = new AdaptivePace();
    for (let at = 0; at < 1_000; at += 10) pace.observe('throttled', at, at + 5);
    expect(pace.fractionAt(995)).toBeCloseTo(0.1, 3);
  });

  test('to a call that left before the rate was halved does not halve it again', () => {
    const pace = new AdaptivePace();
    pace.observe('throttled', 100, 1_000);
    for (let count = 0; count < 50; count += 1) pace.observe('throttled', 999, 1_001);
    expect(pace.fractionAt(1_001)).toBeCloseTo(0.5, 3);
    pace.observe('throttled', 1_000, 1_001);
    expect(pace.fractionAt(1_001)).toBeCloseTo(0.25, 3);
  });
});

describe('faults', () => {
  test('are judged once a second, and no fewer than five halve the rate', () => {
    const pace = new AdaptivePace();
    call(pace, times(5, 'fault'), 0);
    expect(pace.fractionAt(300)).toBe(1);
    call(pace, ['sound'], 1_000);
    expect(pace.fractionAt(1_010)).toBe(0.5);

    const four = new AdaptivePace();
    call(four, times(4, 'fault'), 0);
    call(four, ['sound', 'sound'], 1_000, 1_000);
    expect(four.fractionAt(2_100)).toBe(1);
  });

  test('five of 43 are surely above 5 %, five of 44 are not', () => {
    for (const [sound, fraction] of [
      [37, 0.5],
      [38, 1],
    ] as const) {
      const pace = new AdaptivePace();
      call(pace, [...times(sound, 'sound'), ...times(5, 'fault')], 0, 10);
      call(pace, ['sound'], 1_010);
      expect(pace.fractionAt(1_020)).toBe(fraction);
    }
  });

  test('halve it again only with new ones among them', () => {
    const pace = new AdaptivePace();
    call(pace, times(10, 'fault'), 0);
    let now = call(pace, ['sound'], 1_000, 1_000);
    now = call(pace, ['fault'], now, 1_000);
    expect(pace.fractionAt(now - 990)).toBeCloseTo(0.55, 6);
    call(pace, ['fault'], now);
    expect(pace.fractionAt(now + 10)).toBeCloseTo(0.3, 6);
  });

  test('of more than ten seconds ago, and before the last 200 calls, count no more', () => {
    const old = new AdaptivePace();
    call(old, times(30, 'fault'), 0, 10);
    call(old, times(30, 'sound'), 10_400);
    expect(old.fractionAt(12_000)).toBe(1);

    const many = new AdaptivePace();
    call(many, [...times(30, 'fault'), ...times(200, 'sound')], 0, 4);
    call(many, ['sound'], 1_000);
    expect(many.fractionAt(1_010)).toBe(1);
  });

  test.each(['overloaded', 'not_sent'] as const)('%s is one of them', (sign) => {
    const pace = new AdaptivePace();
    call(pace, times(5, sign), 0);
    call(pace, ['sound'], 1_000);
    expect(pace.fractionAt(1_010)).toBe(0.5);
  });
});

/** Numbers from 0 up to 1, the same for the same seed. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Simulated {
  readonly share: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly ms: number;
}

/** Calls as fast as the pace lets them leave, so many of which fail by chance. */
function simulate({ share, perSecond, seed, ms }: Simulated): { used: number; belowHalfAt: number } {
  const pace = new AdaptivePace();
  const chance = createChance(seed);
  let calls = 0;
  let belowHalfAt = Infinity;
  for (let now = 0; now < ms; now += 1_000 / (perSecond * pace.fractionAt(now))) {
    pace.observe(chance() < share ? 'fault' : 'sound', now, now);
    calls += 1;
    if (pace.fractionAt(now) < 0.5) belowHalfAt = Math.min(belowHalfAt, now);
  }
  return { used: (calls * 1_000) / (perSecond * ms), belowHalfAt };
}

const seeds = Array.from({ length: 100 }, (_, index) => 1 + 7 * index);

describe.each([20, 50, 200, 1_000])('random faults at %i/s', (perSecond) => {
  test.each([0.01, 0.02, 0.03])('of %d leave 95 %% of the rate in use, whatever the seed', (share) => {
    const used = seeds.map((seed) => simulate({ share, perSecond, seed, ms: 120_000 }).used);
    expect(Math.min(...used)).toBeGreaterThanOrEqual(0.95);
  });

  test('of a fifth bring it below half within 5 s', () => {
    const late = seeds.filter(
      (seed) => simulate({ share: 0.2, perSecond, seed, ms: 6_000 }).belowHalfAt > 5_000,
    );
    // At 20/s some seeds bring fewer than two faults where ten are usual.
    expect(late.length).toBeLessThanOrEqual(perSecond === 20 ? 8 : 0);
  });
});
