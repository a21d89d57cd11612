import type { Clock } from '../../domain/clock.ts';

/** Time in which nobody gets a permit. */
export class GatePause {
  private readonly clock: Clock;
  private endsAt = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Lasts so long from now on; a longer one under way stands. Returns when it ends, by the monotonic clock. */
  extend(milliseconds: number): number {
    this.endsAt = Math.max(this.endsAt, this.clock.monotonic() + milliseconds);
    return this.endsAt;
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
