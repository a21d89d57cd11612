/**
 * Bounds of the margin: how much later than usual a call may reach the provider, as measured. It is never above the
 * first figure, at which 95 % of a rate by the second are still used. It is never below the second, because a system
 * that has long been quick may stand still for some milliseconds. Until enough calls have been seen, it is the first. A
 * call that is answered sooner needs no margin.
 */
export const LARGEST_MARGIN_MS = 45;
export const SMALLEST_MARGIN_MS = 25;
const ENOUGH_CALLS = 20;
const CALLS_REMEMBERED = 256;

/**
 * The time from a call's last byte to its answer is at least the way there. What all calls need shifts all arrivals
 * alike and makes no window fuller; what the slowest of the last calls took longer than the quickest is all that one
 * can have come later than another, whatever part of it was the provider's own.
 */
export class TransitMargin {
  private readonly times: number[] = [];
  private next = 0;
  private quickest = Infinity;
  private slowest = -Infinity;
  private measured = LARGEST_MARGIN_MS;

  get ms(): number {
    return this.measured;
  }

  /** An answered call's time from its last byte to its answer. */
  observe(roundTripMs: number): void {
    const forgotten = this.times[this.next];
    this.times[this.next] = roundTripMs;
    this.next = (this.next + 1) % CALLS_REMEMBERED;
    if (forgotten === this.quickest || forgotten === this.slowest) {
      this.quickest = Math.min(...this.times);
      this.slowest = Math.max(...this.times);
    } else {
      this.quickest = Math.min(this.quickest, roundTripMs);
      this.slowest = Math.max(this.slowest, roundTripMs);
    }
    if (this.times.length < ENOUGH_CALLS) return;
    const spread = this.slowest - this.quickest;
    this.measured = Math.min(LARGEST_MARGIN_MS, Math.max(SMALLEST_MARGIN_MS, spread));
  }
}
