import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNextStep, type NextStep, type RetryRules } from '../../src/dispatch/call/retry-decision.ts';
import { callClasses, type CallClass } from '../../src/domain/class.ts';
import type { BelievedOutcome } from '../../src/domain/outcome.ts';

const rules: RetryRules = { attempts: 5, backoffMinMs: 1_000, backoffMaxMs: 60_000, verify: false };
const transient: BelievedOutcome = { kind: 'unsettled', class: 'transient' };
const ambiguous: BelievedOutcome = { kind: 'unsettled', class: 'ambiguous' };

function throttled(retryAfterMs: number | null): BelievedOutcome {
  return { kind: 'throttled', class: 'transient', retryAfterMs };
}

function again(callClass: CallClass, delayMs: number, pauseMs = 0): NextStep {
  return { kind: 'again', class: callClass, inquiry: null, delayMs, pauseMs };
}

describe('the table', () => {
  test.each<[string, BelievedOutcome, number, number, NextStep]>([
    ['the first backoff is up to its shortest', transient, 1, 0.5, again('transient', 500)],
    ['it doubles', ambiguous, 2, 0.5, again('ambiguous', 1_000)],
    ['and doubles', ambiguous, 4, 0.5, again('ambiguous', 4_000)],
    ['chance may say at once', transient, 3, 0, again('transient', 0)],
    ['attempts used up', transient, 5, 0.5, { kind: 'final', class: 'transient' }],
    ['attempts used up, answer unknown', ambiguous, 5, 0.5, { kind: 'final', class: 'ambiguous' }],
    ['more than used up', ambiguous, 6, 0.5, { kind: 'final', class: 'ambiguous' }],
    ['429 waits what it asks, everybody', throttled(7_000), 0, 0.5, again('transient', 7_000, 7_000)],
    [
      '429 without a wish waits the shortest backoff',
      throttled(null),
      0,
      0.5,
      again('transient', 1_000, 1_000),
    ],
    ['429 that asks for no wait at all', throttled(0), 0, 0.5, again('transient', 1_000, 1_000)],
    [
      '429 when the attempts are used up is free still',
      throttled(2_000),
      5,
      0.5,
      again('transient', 2_000, 2_000),
    ],
    [
      'a refusal of us is no class',
      { kind: 'stop_run', by: 'door', cause: 'credentials', sentence: 'refused' },
      1,
      0.5,
      { kind: 'stop_run', by: 'door', cause: 'credentials', sentence: 'refused' },
    ],
  ])('%s', (_, outcome, paid, chance, step) => {
    expect(decideNextStep(outcome, paid, rules, chance)).toEqual(step);
  });

  test('what the provider decided is final', () => {
    for (const name of callClasses) {
      if (name === 'ambiguous' || name === 'transient') continue;
      expect(decideNextStep({ kind: 'settled', class: name }, 1, rules, 0.5)).toEqual({
        kind: 'final',
        class: name,
      });
    }
  });

  test('a single attempt is never repeated', () => {
    const once = { ...rules, attempts: 1 };
    expect(decideNextStep(transient, 1, once, 0)).toEqual({ kind: 'final', class: 'transient' });
  });
});

const anyRules = fc
  .record({
    attempts: fc.integer({ min: 1, max: 20 }),
    backoffMinMs: fc.integer({ min: 1, max: 10_000 }),
    longer: fc.integer({ min: 0, max: 600_000 }),
  })
  .map(({ attempts, backoffMinMs, longer }): RetryRules => ({
    attempts,
    backoffMinMs,
    backoffMaxMs: backoffMinMs + longer,
    verify: false,
  }));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('the delay is a whole number of ms below the bound of its attempt, never above the longest backoff', () => {
  fc.assert(
    fc.property(anyRules, chance, fc.integer({ min: 1, max: 2_000 }), (some, dice, paid) => {
      const step = decideNextStep(transient, paid, { ...some, attempts: paid + 1 }, dice);
      if (step.kind !== 'again') throw new Error('it was to come again');
      expect(Number.isInteger(step.delayMs)).toBe(true);
      expect(step.delayMs).toBeGreaterThanOrEqual(0);
      expect(step.delayMs).toBeLessThanOrEqual(
        Math.min(some.backoffMaxMs, some.backoffMinMs * 2 ** (paid - 1)),
      );
      expect(step.pauseMs).toBe(0);
    }),
  );
});

test('whatever comes back, a record never costs more than its attempts, and 429 costs none', () => {
  const outcome = fc.oneof(
    fc.constant(transient),
    fc.constant(ambiguous),
    fc.option(fc.integer({ min: 0, max: 600_000 })).map(throttled),
  );
  fc.assert(
    fc.property(
      anyRules,
      chance,
      fc.array(outcome, { minLength: 60, maxLength: 80 }),
      (some, dice, outcomes) => {
        let paid = 0;
        for (const one of outcomes) {
          if (one.kind !== 'throttled') paid += 1;
          const step = decideNextStep(one, paid, some, dice);
          expect(paid).toBeLessThanOrEqual(some.attempts);
          expect(step.kind === 'final').toBe(one.kind !== 'throttled' && paid === some.attempts);
          if (step.kind === 'final') return;
        }
      },
    ),
  );
});
