import type { Clock } from '../../domain/clock.ts';

/** Why every process that calls the provider waits: it asked for it (Retry-After), or does not answer. */
export type SharedPauseReason = 'throttled' | 'breaker';

/** Time in which nobody gets a permit. */
export class GatePause {
  private readonly clock: Clock;
  private endsAt = 0;
  private reason: SharedPauseReason | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Lasts so long from now on; a longer one under way stands. Returns when it ends, by the monotonic clock. */
  extend(milliseconds: number, reason: SharedPauseReason | null): number {
    const endsAt = this.clock.monotonic() + milliseconds;
    if (endsAt > this.endsAt) {
      this.endsAt = endsAt;
      this.reason = reason;
    }
    return this.endsAt;
  }

  /** Why the one under way lasts; null: none is, or it is this process's own affair. */
  get why(): SharedPauseReason | null {
    return this.left > 0 ? this.reason : null;
  }

  /** Milliseconds until it ends; 0 where none is under way. */
  get left(): number {
    return Math.max(0, this.endsAt - this.clock.monotonic());
  }

  /** Resolves when none is under way, or the signal aborts. */
  async untilOver(signal: AbortSignal): Promise<void> {
    while (this.left > 0 && !signal.aborted) await this.clock.sleep(this.left, signal);
  }
}
