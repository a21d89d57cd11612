export interface BreakerRules {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

/** Fewer may be chance: with a fault in every tenth call, five in a row come once in a hundred thousand calls. */
const OPENS_AT = 5;
/** The longest pause, so that a provider that is back is noticed within a minute whatever a record's own pauses are. */
const LONGEST_PAUSE_MS = 60_000;
/** How long an absent provider is waited for; the same time as for answers of nothing but 429. */
const LONGEST_WAIT_MS = 10 * 60 * 1000;

/**
 * Opens after five calls in a row without an answer. All calls pause, then one call at a time probes whether the
 * provider is back. Each unanswered probe doubles the next pause, within `retry.backoff`, and any answer closes the
 * breaker. A provider that has never answered this process is probed at the shortest pause, so that a wrong address is
 * told soon.
 */
export class CircuitBreaker {
  private readonly rules: BreakerRules;
  private silent = 0;
  private pauses = 0;
  private waitedMs = 0;
  private hasAnswered = false;

  constructor(rules: BreakerRules) {
    this.rules = rules;
  }

  /** Only one call may be in flight. */
  get isOpen(): boolean {
    return this.pauses > 0;
  }

  answered(): void {
    this.hasAnswered = true;
    this.silent = 0;
    this.pauses = 0;
    this.waitedMs = 0;
  }

  /**
   * A call had no answer. Returns how long everybody waits from now on, 0 for not at all, or null when it has been
   * long enough. Calls that had left before it opened (`isProbe` false) tell nothing new.
   */
  silence(isProbe: boolean): number | null {
    if (this.isOpen && !isProbe) return 0;
    this.silent += 1;
    if (this.silent < OPENS_AT) return 0;
    if (this.waitedMs >= LONGEST_WAIT_MS) return null;
    const pauseMs = Math.min(this.nextPause(), LONGEST_WAIT_MS - this.waitedMs);
    this.pauses += 1;
    this.waitedMs += pauseMs;
    return pauseMs;
  }

  private nextPause(): number {
    const { backoffMinMs, backoffMaxMs } = this.rules;
    const bound = this.hasAnswered ? Math.min(backoffMaxMs, backoffMinMs * 2 ** this.pauses) : backoffMinMs;
    return Math.min(bound, LONGEST_PAUSE_MS);
  }
}
