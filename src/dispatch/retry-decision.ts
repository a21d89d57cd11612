import type { CallClass } from '../domain/class.ts';
import type { Outcome } from '../domain/outcome.ts';

export interface RetryRules {
  /** Calls a record may cost in this run; a throttled one is free. */
  readonly attempts: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

/** What happens to a record after a call. */
export type NextStep =
  | { readonly kind: 'final'; readonly class: CallClass }
  /** Again after `delayMs`; `pauseMs` is how long everybody has to wait. */
  | { readonly kind: 'again'; readonly class: CallClass; readonly delayMs: number; readonly pauseMs: number }
  | { readonly kind: 'stop_run'; readonly sentence: string };

/**
 * `paid`: calls of this run that cost an attempt, this one included if it did.
 * `chance`: 0 up to 1, for the full jitter.
 */
export function decideNextStep(outcome: Outcome, paid: number, rules: RetryRules, chance: number): NextStep {
  switch (outcome.kind) {
    case 'settled':
      return { kind: 'final', class: outcome.class };
    case 'stop_run':
      return { kind: 'stop_run', sentence: outcome.sentence };
    case 'throttled': {
      // A Retry-After of 0 is no leave to ask again and again.
      const pauseMs = Math.max(outcome.retryAfterMs ?? 0, rules.backoffMinMs);
      return { kind: 'again', class: outcome.class, delayMs: pauseMs, pauseMs };
    }
    case 'unsettled':
      if (paid >= rules.attempts) return { kind: 'final', class: outcome.class };
      return { kind: 'again', class: outcome.class, delayMs: backoff(paid, rules, chance), pauseMs: 0 };
  }
}

/** Full jitter: anywhere up to the exponential bound, so that what failed together does not come back together. */
function backoff(paid: number, rules: RetryRules, chance: number): number {
  const bound = Math.min(rules.backoffMaxMs, rules.backoffMinMs * 2 ** Math.max(0, paid - 1));
  return Math.floor(chance * bound);
}
