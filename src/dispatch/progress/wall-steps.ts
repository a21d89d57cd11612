import type { Clock } from '../../domain/clock.ts';

/** Between two calls the wall clock and the monotonic one drift apart by less than this; more is a step. */
const SMALLEST_STEP_MS = 50;
const DRIFT = 0.001;
/** Two clocks that were not read in the same moment tell nothing. */
const AT_ONCE_MS = 5;

/**
 * Measures whether, and by how much in all, the wall clock was changed while a run called. Calls carry the wall clock's
 * time. This corrects the times between them, so that no window seems fuller or emptier than it was.
 */
export class WallSteps {
  private readonly clock: Clock;
  private offset: number;
  private readAt: number;
  private total: number;

  /**
   * `lastLeft`: when the run's last call before this process left. A clock that was put back since goes on from there.
   */
  constructor(clock: Clock, lastLeft: Date | null) {
    this.clock = clock;
    this.readAt = clock.monotonic();
    const now = clock.now().getTime();
    this.offset = now - this.readAt;
    this.total = Math.min(0, now - (lastLeft?.getTime() ?? -Infinity));
  }

  /** `left` of a call that leaves at this moment, as the clock would have said it; null: as it does say it. */
  steady(left: Date): Date | null {
    this.look();
    return this.total === 0 ? null : new Date(left.getTime() - this.total);
  }

  private look(): void {
    const before = this.clock.monotonic();
    const offset = this.clock.now().getTime() - before;
    if (this.clock.monotonic() - before > AT_ONCE_MS) return;
    const step = Math.round(offset - this.offset);
    if (Math.abs(step) > SMALLEST_STEP_MS + DRIFT * (before - this.readAt)) this.total += step;
    this.offset = offset;
    this.readAt = before;
  }
}
