import { expect, test } from 'vitest';
import { AdaptivePace } from '../../src/dispatch/gate/adaptive-pace.ts';
import type { CallVerdict } from '../../src/dispatch/call/call-verdict.ts';

/** So many calls, each over 10 ms after it left, one every 10 ms from `from` on. */
function call(pace: AdaptivePace, verdicts: readonly CallVerdict[], from: number): number {
  let now = from;
  for (const verdict of verdicts) {
    pace.note(verdict, now, now + 10);
    now += 10;
  }
  return now;
}

function times(count: number, verdict: CallVerdict): CallVerdict[] {
  return Array.from({ length: count }, () => verdict);
}

test('a 429 halves the rate; it climbs by a twentieth of the whole a second and ends at the whole', () => {
  const pace = new AdaptivePace();
  expect(pace.fractionAt(0)).toBe(1);
  pace.note('throttled', 900, 1_000);
  const climbed = [1_000, 2_000, 6_000, 11_000, 100_000].map((at) => pace.fractionAt(at));
  expect(climbed.map((fraction) => Number(fraction.toFixed(6)))).toEqual([0.5, 0.55, 0.75, 1, 1]);
});

test('again and again it never falls below a tenth', () => {
  const pace = new AdaptivePace();
  for (let at = 0; at < 1_000; at += 10) pace.note('throttled', at, at + 5);
  expect(pace.fractionAt(995)).toBeCloseTo(0.1, 3);
});

test('what left before the rate was halved does not halve it again', () => {
  const pace = new AdaptivePace();
  pace.note('throttled', 100, 1_000);
  for (let count = 0; count < 50; count += 1) {
    pace.note('throttled', 999, 1_001);
    pace.note('fault', 999, 1_001);
  }
  expect(pace.fractionAt(1_001)).toBeCloseTo(0.5, 3);
  pace.note('throttled', 1_000, 1_001);
  expect(pace.fractionAt(1_001)).toBeCloseTo(0.25, 3);
});

test('faults halve it when they pass 5 % of 20 calls or more', () => {
  const pace = new AdaptivePace();
  const now = call(pace, [...times(18, 'sound'), 'fault'], 0);
  expect(pace.fractionAt(now)).toBe(1);
  pace.note('fault', now, now);
  expect(pace.fractionAt(now)).toBe(0.5);
});

test('single faults do not move it, nor do as many as 5 %', () => {
  const pace = new AdaptivePace();
  call(pace, ['fault', 'fault', 'fault'], 0);
  expect(pace.fractionAt(100)).toBe(1);
  const twentieth = [...times(19, 'sound'), 'fault' as const];
  const now = call(pace, [...twentieth, ...twentieth, ...twentieth, ...twentieth], 20_000);
  expect(pace.fractionAt(now)).toBe(1);
});

test('only the last ten seconds count', () => {
  const pace = new AdaptivePace();
  call(pace, times(15, 'fault'), 0);
  const now = call(pace, times(40, 'sound'), 10_300);
  expect(pace.fractionAt(now)).toBe(1);
});

test('after a halving the faults are counted anew', () => {
  const pace = new AdaptivePace();
  let now = call(pace, times(20, 'fault'), 0);
  expect(pace.fractionAt(now)).toBeCloseTo(0.5, 2);
  now = call(pace, times(19, 'fault'), now);
  expect(pace.fractionAt(now)).toBeCloseTo(0.5, 1);
  now = call(pace, ['fault'], now);
  expect(pace.fractionAt(now)).toBeCloseTo(0.255, 2);
});

test('a call that was not sent says nothing of the provider', () => {
  const pace = new AdaptivePace();
  const now = call(pace, times(100, 'not_sent'), 0);
  expect(pace.fractionAt(now)).toBe(1);
});
