import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideAfterInquiry,
  decideNextStep,
  type NextStep,
  type RetryRules,
} from '../../src/dispatch/call/retry-decision.ts';
import type { BelievedOutcome } from '../../src/domain/outcome.ts';
import type { PlansFinding } from '../../src/konaplate/plans-inquiry.ts';

const rules: RetryRules = { attempts: 3, backoffMinMs: 1_000, backoffMaxMs: 60_000, verify: true };
const ambiguous: BelievedOutcome = { kind: 'unsettled', class: 'ambiguous' };
const found: PlansFinding = { kind: 'found' };
const notFound: PlansFinding = { kind: 'not_found' };
const unclear: PlansFinding = { kind: 'unclear' };

function asking(callClass: 'ambiguous' | 'conflict', delayMs = 0, asked = 0, pauseMs = 0): NextStep {
  return { kind: 'again', class: callClass, inquiry: { class: callClass, asked }, delayMs, pauseMs };
}

function calling(delayMs: number): NextStep {
  return { kind: 'again', class: 'ambiguous', inquiry: null, delayMs, pauseMs: 0 };
}

describe('after a registration', () => {
  test.each<[string, BelievedOutcome, number, NextStep]>([
    ['a conflict is asked about at once', { kind: 'settled', class: 'conflict' }, 1, asking('conflict')],
    ['an ambiguous call after its backoff', ambiguous, 2, asking('ambiguous', 1_000)],
    ['also the last one', ambiguous, 3, asking('ambiguous', 2_000)],
    ['nothing else is', { kind: 'settled', class: 'bad_data' }, 1, { kind: 'final', class: 'bad_data' }],
    [
      'surely not processed is nothing to ask about',
      { kind: 'unsettled', class: 'transient' },
      3,
      { kind: 'final', class: 'transient' },
    ],
  ])('%s', (_, outcome, paid, step) => {
    expect(decideNextStep(outcome, paid, rules, 0.5)).toEqual(step);
  });

  test('without verify nothing is asked', () => {
    const off = { ...rules, verify: false };
    const conflict: BelievedOutcome = { kind: 'settled', class: 'conflict' };
    expect(decideNextStep(conflict, 1, off, 0)).toEqual({ kind: 'final', class: 'conflict' });
    expect(decideNextStep(ambiguous, 1, off, 0)).toEqual(calling(0));
  });
});

describe('after an inquiry', () => {
  test.each<[string, PlansFinding, 'ambiguous' | 'conflict', number, number, number, NextStep]>([
    [
      'found: our unanswered call had worked',
      found,
      'ambiguous',
      1,
      1,
      0,
      { kind: 'final', class: 'recovered' },
    ],
    [
      'found, and no call of ours unanswered',
      found,
      'conflict',
      1,
      0,
      0,
      { kind: 'final', class: 'already_active' },
    ],
    [
      'found, a conflict after an unanswered call',
      found,
      'conflict',
      2,
      1,
      0,
      { kind: 'final', class: 'recovered' },
    ],
    ['not found: called again at once', notFound, 'ambiguous', 2, 2, 0, calling(0)],
    ['not found, attempts used up', notFound, 'ambiguous', 3, 3, 0, { kind: 'final', class: 'ambiguous' }],
    ['not found: a conflict stays one', notFound, 'conflict', 1, 0, 0, { kind: 'final', class: 'conflict' }],
    ['unclear: called again after a backoff', unclear, 'ambiguous', 1, 1, 0, calling(500)],
    ['unclear, attempts used up: asked again', unclear, 'ambiguous', 3, 3, 1, asking('ambiguous', 1_000, 2)],
    ['unclear: a conflict is asked about again', unclear, 'conflict', 1, 0, 0, asking('conflict', 500, 1)],
    ['unclear too often', unclear, 'conflict', 1, 0, 2, { kind: 'final', class: 'conflict' }],
    [
      'throttled: everybody waits, and it counts for nothing',
      { kind: 'throttled', class: 'transient', retryAfterMs: 7_000 },
      'conflict',
      1,
      0,
      2,
      asking('conflict', 7_000, 2, 7_000),
    ],
    [
      'no such call',
      { kind: 'stop_run', by: 'door', cause: 'wrong_address', sentence: 'no' },
      'ambiguous',
      1,
      1,
      0,
      { kind: 'stop_run', by: 'door', cause: 'wrong_address', sentence: 'no' },
    ],
  ])('%s', (_, finding, callClass, paid, unanswered, asked, step) => {
    const record = { inquiry: { class: callClass, asked }, paid, unanswered };
    expect(decideAfterInquiry(finding, record, rules, 0.5)).toEqual(step);
  });
});

test('whatever comes back, calls and inquiries end', () => {
  const finding = fc.constantFrom<PlansFinding>(notFound, unclear);
  fc.assert(
    fc.property(
      fc.array(finding, { minLength: 100, maxLength: 100 }),
      fc.integer({ min: 1, max: 9 }),
      (all, attempts) => {
        const some = { ...rules, attempts };
        let paid = 1;
        let inquiries = 0;
        let step = decideNextStep(ambiguous, paid, some, 0);
        for (const one of all) {
          if (step.kind !== 'again') break;
          if (step.inquiry === null) {
            paid += 1;
            step = decideNextStep(ambiguous, paid, some, 0);
          } else {
            inquiries += 1;
            step = decideAfterInquiry(one, { inquiry: step.inquiry, paid, unanswered: paid }, some, 0);
          }
        }
        expect(step).toEqual({ kind: 'final', class: 'ambiguous' });
        expect(paid).toBe(attempts);
        expect(inquiries).toBeLessThan(2 * attempts);
      },
    ),
  );
});
