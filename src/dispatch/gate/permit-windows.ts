import type { Clock } from '../../domain/clock.ts';
import { PermitReturns, type PermitReturn } from './permit-returns.ts';
import { LARGEST_MARGIN_MS } from './transit-margin.ts';

export interface RateLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** A permit's way back into every window it was taken from. */
export interface PermitsBack {
  /** The call has arrived by then, sooner than was said: monotonic milliseconds. */
  arrivedBy(at: number): void;
}

/** A window gives its permits back in so many steps. A thousand steps cost at most a thousandth of its rate. */
const STEPS_A_WINDOW = 1_000;
const SECOND_MS = 1_000;

/**
 * The permits of several limits; a call takes one of each. No clock refills them: each permit comes back to its limit
 * one window after its call has arrived. So no sliding window at the provider holds more calls than its limit has
 * permits.
 */
export class PermitWindows {
  private readonly windows: readonly PermitWindow[];
  /** The one that is made tighter while the calls are slowed. */
  private readonly second: PermitWindow;
  private readonly clock: Clock;

  /** `changed` is called when there are more permits, or fewer, than before. */
  constructor(limits: readonly RateLimit[], clock: Clock, changed: () => void) {
    this.clock = clock;
    const windows = limits.map((limit) => new PermitWindow(limit, clock, changed));
    const second = windows.find((_, at) => limits[at]?.windowMs === SECOND_MS);
    this.second = second ?? new PermitWindow({ count: Infinity, windowMs: SECOND_MS }, clock, changed);
    this.windows = second === undefined ? [...windows, this.second] : windows;
  }

  /** The rate that the limits allow over a long time. */
  get perSecond(): number {
    return this.windows.reduce((least, window) => Math.min(least, window.perSecond), Infinity);
  }

  /** Permits of each limit that were taken and have not come back, in the order of the limits. */
  get out(): readonly number[] {
    return this.windows.map((window) => window.out);
  }

  /** Calls that may leave now; below 0 where more are out than a limit has permits by now. */
  get free(): number {
    return this.windows.reduce((least, window) => Math.min(least, window.free), Infinity);
  }

  /** Fewer permits than the limits have: the rest is with other processes. In the order of the limits. */
  allow(allowed: readonly number[]): void {
    for (const [at, window] of this.windows.entries()) window.allowed = allowed[at] ?? Infinity;
  }

  /** Does the same as `allow`, but never raises a number. */
  narrow(allowed: readonly number[]): void {
    this.allow(this.windows.map((window, at) => Math.min(window.allowed, allowed[at] ?? Infinity)));
  }

  /** At once: what is out beyond the slower rate is waited for. Null: as fast as the limits allow. */
  slowTo(perSecond: number | null): void {
    this.second.slowTo(perSecond);
  }

  take(): void {
    for (const window of this.windows) window.out += 1;
  }

  /** The call was not made. */
  giveBack(): void {
    for (const window of this.windows) window.out -= 1;
  }

  /** Every permit of a call that has arrived by `at` comes back one window later. */
  comeBack(at: number): PermitsBack {
    const backs = this.windows.map((window) => window.comeBack(at));
    return {
      arrivedBy: (earlier) => {
        for (const back of backs) back.bringForward(earlier);
      },
    };
  }

  /** Calls that passed no gate of ours, by their ages in milliseconds. Of more than fit the youngest decide. */
  fillWith(ages: readonly number[]): void {
    const now = this.clock.monotonic();
    const youngest = ages.toSorted((a, b) => a - b);
    for (const window of this.windows) window.fillWith(youngest, now);
  }

  close(): void {
    for (const window of this.windows) window.close();
  }
}

/** One limit's permits: how many are out, and when they come back. */
class PermitWindow {
  /** Taken and not come back yet. */
  out = 0;
  allowed: number;
  private readonly limit: RateLimit;
  private slowed = Infinity;
  /** A single permit that is still too many comes back so many times later. */
  private stretch = 1;
  private readonly returns: PermitReturns;

  constructor(limit: RateLimit, clock: Clock, changed: () => void) {
    this.limit = limit;
    this.allowed = limit.count;
    const give = (count: number): void => {
      this.out -= count;
      changed();
    };
    this.returns = new PermitReturns(clock, give, Math.max(1, limit.windowMs / STEPS_A_WINDOW));
  }

  get free(): number {
    return Math.min(this.allowed, this.slowed) - this.out;
  }

  /** One permit at least, so that nothing is reckoned with a rate of none. */
  get perSecond(): number {
    return (Math.max(1, this.allowed) * 1_000) / this.limit.windowMs;
  }

  slowTo(count: number | null): void {
    this.slowed = count === null ? Infinity : Math.max(1, Math.floor(count));
    this.stretch = count === null ? 1 : Math.max(1, 1 / count);
  }

  comeBack(arrivedBy: number): PermitReturn {
    const windowMs = this.limit.windowMs * this.stretch;
    const back = this.returns.add(arrivedBy + windowMs);
    return {
      bringForward: (earlier) => {
        back.bringForward(earlier + windowMs);
      },
    };
  }

  fillWith(ages: readonly number[], now: number): void {
    const lasting = this.limit.windowMs + LARGEST_MARGIN_MS;
    const recent = ages.filter((age) => age < lasting).slice(0, this.limit.count);
    this.out += recent.length;
    for (const age of recent) this.returns.add(now + lasting - age);
  }

  close(): void {
    this.returns.close();
  }
}
