import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/dispatch/guards/circuit-breaker.ts';

const rules = { backoffMinMs: 1_000, backoffMaxMs: 60_000 };

/** The pauses that so many silent calls bring, each a probe once it is open. */
function silences(breaker: CircuitBreaker, times: number): (number | null)[] {
  return Array.from({ length: times }, () => breaker.silence(breaker.isOpen));
}

function answeredOnce(): CircuitBreaker {
  const breaker = new CircuitBreaker(rules);
  breaker.answered();
  return breaker;
}

test('opens at the fifth silent call in a row, not at the fourth', () => {
  const breaker = answeredOnce();
  expect(silences(breaker, 4)).toEqual([0, 0, 0, 0]);
  expect(breaker.isOpen).toBe(false);
  breaker.answered();
  expect(silences(breaker, 5)).toEqual([0, 0, 0, 0, 1_000]);
  expect(breaker.isOpen).toBe(true);
});

describe('once it is open', () => {
  test('each silent probe makes the pause twice as long, up to the longest; ten minutes are the limit', () => {
    const breaker = answeredOnce();
    const pauses = silences(breaker, 20).slice(4);
    expect(pauses.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
    expect(pauses.at(-1)).toBeNull();
    expect(pauses.reduce<number>((sum, pause) => sum + (pause ?? 0), 0)).toBe(600_000);
  });

  test('no pause is longer than a minute, however long a record waits by itself', () => {
    const breaker = new CircuitBreaker({ backoffMinMs: 300_000, backoffMaxMs: 600_000 });
    expect(silences(breaker, 6).slice(4)).toEqual([60_000, 60_000]);
    breaker.answered();
    expect(silences(breaker, 6).slice(4)).toEqual([60_000, 60_000]);
  });

  test('what was in flight when it opened changes nothing', () => {
    const breaker = answeredOnce();
    silences(breaker, 5);
    expect(Array.from({ length: 30 }, () => breaker.silence(false))).toEqual(Array(30).fill(0));
    expect(silences(breaker, 2)).toEqual([2_000, 4_000]);
  });

  test('an answer closes it, and everything begins anew', () => {
    const breaker = answeredOnce();
    silences(breaker, 12);
    breaker.answered();
    expect(breaker.isOpen).toBe(false);
    expect(silences(breaker, 7)).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000]);
  });

  test('a provider that never answered is asked at the shortest pause', () => {
    const breaker = new CircuitBreaker(rules);
    expect(silences(breaker, 20).slice(4)).toEqual(Array(16).fill(1_000));
  });
});
