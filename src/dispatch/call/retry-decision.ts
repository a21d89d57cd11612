import type { CallClass } from '../../domain/class.ts';
import type { Outcome, StopRun } from '../../domain/outcome.ts';
import type { PlansFinding } from '../../konaplate/plans-inquiry.ts';
import type { Inquiry } from './task.ts';

export interface RetryRules {
  /** Calls a record may cost in this run; a throttled one is free. */
  readonly attempts: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** `verify.enabled`: ambiguous answers and conflicts are settled by asking for the member's plans. */
  readonly verify: boolean;
}

/** What happens to a record after a call. */
export type NextStep =
  | { readonly kind: 'final'; readonly class: CallClass }
  /** The record is called again after `delayMs`. `pauseMs`: how long all calls wait. */
  | {
      readonly kind: 'again';
      readonly class: CallClass;
      /** Set: what comes is an inquiry. */
      readonly inquiry: Inquiry | null;
      readonly delayMs: number;
      readonly pauseMs: number;
    }
  /** The record is called once more after all others have come to their end. */
  | { readonly kind: 'last' }
  /** Its answer waits for a proof of our set-up; the record is not called again by this process. */
  | { readonly kind: 'held' }
  | StopRun;

/**
 * After a registration. `paid`: calls of this run that cost an attempt, this one included if it did.
 * `chance`: 0 up to 1, for the full jitter.
 */
export function decideNextStep(outcome: Outcome, paid: number, rules: RetryRules, chance: number): NextStep {
  switch (outcome.kind) {
    case 'settled':
      if (!rules.verify || outcome.class !== 'conflict') return { kind: 'final', class: outcome.class };
      return again('conflict', { inquiry: { class: 'conflict', asked: 0 } });
    case 'held':
      return { kind: 'held' };
    case 'stop_run':
      return outcome;
    case 'throttled':
      return again(outcome.class, pauseOf(outcome.retryAfterMs, rules));
    case 'unsettled': {
      // The inquiry waits as long as a call would: the provider may still be at work on the last one.
      const delayMs = backoff(paid, rules, chance);
      if (rules.verify && outcome.class === 'ambiguous') {
        return again('ambiguous', { inquiry: { class: 'ambiguous', asked: 0 }, delayMs });
      }
      if (paid >= rules.attempts) return { kind: 'final', class: outcome.class };
      return again(outcome.class, { delayMs });
    }
  }
}

/** What has happened to a record when the answer to an inquiry comes. */
export interface AskedRecord {
  readonly inquiry: Inquiry;
  readonly paid: number;
  readonly unanswered: number;
}

/**
 * Decides after an inquiry. Where the plan is found, an earlier unanswered call of ours made it; without such a call
 * somebody else did. Where it is not found, an ambiguous record is called again while it has attempts, and a conflict
 * stays one.
 */
export function decideAfterInquiry(
  finding: PlansFinding,
  { inquiry, paid, unanswered }: AskedRecord,
  rules: RetryRules,
  chance: number,
): NextStep {
  switch (finding.kind) {
    case 'found':
      return { kind: 'final', class: unanswered > 0 ? 'recovered' : 'already_active' };
    case 'stop_run':
      return finding;
    case 'throttled':
      return again(inquiry.class, { inquiry, ...pauseOf(finding.retryAfterMs, rules) });
    case 'not_found':
      return mayCallAgain(inquiry, paid, rules)
        ? again(inquiry.class, {})
        : { kind: 'final', class: inquiry.class };
    case 'unclear': {
      const asked = inquiry.asked + 1;
      const delayMs = backoff(asked, rules, chance);
      if (mayCallAgain(inquiry, paid, rules)) return again(inquiry.class, { delayMs });
      if (asked >= rules.attempts) return { kind: 'final', class: inquiry.class };
      return again(inquiry.class, { inquiry: { ...inquiry, asked }, delayMs });
    }
  }
}

function mayCallAgain(inquiry: Inquiry, paid: number, rules: RetryRules): boolean {
  return inquiry.class === 'ambiguous' && paid < rules.attempts;
}

interface Manner {
  readonly inquiry?: Inquiry;
  readonly delayMs?: number;
  readonly pauseMs?: number;
}

function again(callClass: CallClass, { inquiry, delayMs, pauseMs }: Manner): NextStep {
  return {
    kind: 'again',
    class: callClass,
    inquiry: inquiry ?? null,
    delayMs: delayMs ?? 0,
    pauseMs: pauseMs ?? 0,
  };
}

type Backoff = Pick<RetryRules, 'backoffMinMs' | 'backoffMaxMs'>;

/** Even after a Retry-After of 0 a call waits at least so long. */
export function pauseOf(retryAfterMs: number | null, rules: Backoff): { delayMs: number; pauseMs: number } {
  const pauseMs = Math.max(retryAfterMs ?? 0, rules.backoffMinMs);
  return { delayMs: pauseMs, pauseMs };
}

/** Full jitter: any delay up to the exponential bound, so that calls that failed together do not come back together. */
export function backoff(nth: number, rules: Backoff, chance: number): number {
  const bound = Math.min(rules.backoffMaxMs, rules.backoffMinMs * 2 ** Math.max(0, nth - 1));
  return Math.floor(chance * bound);
}
