/** The most lateness that is caught up, so that calls a stalled process has missed do not leave in one burst. */
const CAUGHT_UP_MS = 20;
/**
 * Each turn of the line costs some 0.3 ms of CPU, most of it for waking up. So above about 100 calls a second, the
 * calls of so many milliseconds leave together, which is well within the 20 ms.
 */
const GROUPED_MS = 8;
/** Tolerance for rounding: dividing milliseconds leaves a remainder where none is meant. */
const ROUNDING = 1e-9;

/**
 * When calls may leave so that they are spread: theoretical departures lie one interval apart, and a late call takes
 * the next free one of the last 20 ms. `burst` calls may leave together. The interval is handed in with each question,
 * because the rate changes. All times are monotonic milliseconds.
 */
export class Spread {
  private readonly burst: number;
  /** Theoretical departure of the last call. */
  private lastAt = -Infinity;
  /** The calls of one group have left; the next group is gathered until then. */
  private gathersUntil = -Infinity;

  constructor(burst: number) {
    this.burst = burst;
  }

  /** How many calls may leave now. */
  free(now: number, intervalMs: number): number {
    if (now < this.gathersUntil) return 0;
    if (intervalMs === 0) return Infinity;
    const from = this.earliest(now, intervalMs);
    return from > now ? 0 : Math.floor((now - from) / intervalMs + ROUNDING) + 1;
  }

  /** When the next call may leave; a time that has passed where it may now. */
  opensAt(intervalMs: number): number {
    return Math.max(this.gathersUntil, this.lastAt + intervalMs);
  }

  /** Told when all calls that could leave now have left, and more wait. */
  gather(now: number, intervalMs: number): void {
    if (intervalMs < GROUPED_MS) this.gathersUntil = now + GROUPED_MS;
  }

  /** One call leaves. */
  take(now: number, intervalMs: number): void {
    this.lastAt = this.earliest(now, intervalMs);
  }

  /** A call that was to leave does not; its place is free again. */
  giveBack(intervalMs: number): void {
    this.lastAt -= intervalMs;
  }

  /** No call leaves before `at`, and from then on they are spread as at a start: nothing is caught up. */
  begin(at: number, intervalMs: number): void {
    this.lastAt = Math.max(this.lastAt, at - this.burst * intervalMs);
  }

  /** Calls that left before and did not ask here, by their ages; none of them is taken for a call still to come. */
  observe(ages: readonly number[], now: number, intervalMs: number): void {
    const together = (this.burst - 1) * intervalMs;
    let last = -Infinity;
    let at = -Infinity;
    for (const age of ages.toSorted((a, b) => b - a)) {
      at = now - age;
      last = Math.max(last + intervalMs, at - together);
    }
    this.lastAt = Math.max(this.lastAt, Math.min(last, at));
  }

  private earliest(now: number, intervalMs: number): number {
    return Math.max(this.lastAt + intervalMs, now - this.reach(intervalMs));
  }

  private reach(intervalMs: number): number {
    return Math.max(CAUGHT_UP_MS, (this.burst - 1) * intervalMs);
  }
}
