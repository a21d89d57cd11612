import type { Clock } from '../../domain/clock.ts';
import { AdaptivePace } from './adaptive-pace.ts';
import { Alarm } from './alarm.ts';
import type { ShareDemand } from './allowance-shares.ts';
import type { CallBudget, SpentBudget } from './call-budget.ts';
import { GatePause, type GatePauseReason, type SharedPauseReason } from './gate-pause.ts';
import { InFlightLimit } from './in-flight-limit.ts';
import { issuePermit, type Permit, type PermitSources } from './issued-permit.ts';
import { PermitLine } from './permit-line.ts';
import { PermitWindows, type RateLimit } from './permit-windows.ts';
import { Spread } from './spread.ts';
import { TransitMargin } from './transit-margin.ts';

export interface GateOptions {
  /** Every call takes one from each of them. */
  readonly budgets?: readonly CallBudget[];
  /** Whether the gate slows down by itself while the provider is in trouble; default false. */
  readonly adaptive?: boolean;
  /** Calls that may leave together; default 1. */
  readonly burst?: number;
  /** Calls that may be under way at once, of which trouble may leave fewer; default: any number. */
  readonly concurrency?: number;
}

type Waiter = PromiseWithResolvers<Permit | null>;

/**
 * Keeps the rates in any window, and spreads the calls within it. A call leaves at once where a permit is free and no
 * call waits. The first call that waits stands in line at bottleneck; when it passes, the calls behind it go with it as
 * far as permits are free.
 */
export class PermitGate {
  private readonly line = new PermitLine();
  private readonly windows: PermitWindows;
  private readonly budgets: readonly CallBudget[];
  private readonly concurrency: number;
  private readonly learning: PermitSources['learning'];
  private readonly spread: Spread;
  /** Set while calls wait only for their place in the spread. */
  private readonly alarm: Alarm;
  private readonly sources: PermitSources;
  private readonly clock: Clock;
  private readonly pausing: GatePause;
  private waiters: Waiter[] = [];
  private isHandingOut = false;
  private isClosed = false;
  private hadToWait = false;
  private underWay = 0;
  /** No permit is given after it. */
  private allowedUntil = Infinity;
  private failure: { readonly error: unknown } | null = null;

  constructor(
    limits: readonly RateLimit[],
    clock: Clock,
    { budgets = [], adaptive = false, burst = 1, concurrency = Infinity }: GateOptions = {},
  ) {
    this.clock = clock;
    this.pausing = new GatePause(clock);
    this.budgets = budgets;
    this.concurrency = concurrency;
    this.learning = adaptive ? { pace: new AdaptivePace(), inFlight: new InFlightLimit(concurrency) } : null;
    this.windows = new PermitWindows(limits, clock, () => {
      this.tellLine();
    });
    this.spread = new Spread(burst);
    this.alarm = new Alarm(clock, () => {
      this.tellLine();
    });
    this.sources = {
      clock,
      windows: this.windows,
      spread: this.spread,
      budgets,
      margin: new TransitMargin(),
      learning: this.learning,
      intervalMs: () => this.intervalMs,
    };
    this.spread.begin(clock.monotonic(), this.intervalMs);
    this.tellLine();
  }

  /** Calls a second while the provider's trouble keeps them below the limit, else null. */
  get slowedTo(): number | null {
    const { fraction } = this;
    return fraction < 1 ? this.windows.perSecond * fraction : null;
  }

  /** Calls that may be under way at once while the provider's trouble keeps them below `concurrency`, else null. */
  get atOnce(): number | null {
    const { learning, concurrency } = this;
    return learning !== null && learning.inFlight.allowed < concurrency ? learning.inFlight.allowed : null;
  }

  /** The most calls at once that the provider was found to bear; null: no such limit was found. */
  get learntAtOnce(): number | null {
    return this.learning?.inFlight.learnt ?? null;
  }

  /** Milliseconds between two theoretical departures. */
  private get intervalMs(): number {
    return 1_000 / (this.windows.perSecond * this.fraction);
  }

  private get fraction(): number {
    return this.learning?.pace.fractionAt(this.clock.monotonic()) ?? 1;
  }

  /** Null where `signal` aborted, a pause began or a budget was spent before a permit was free: do not send then. */
  async take(signal: AbortSignal): Promise<Permit | null> {
    if (signal.aborted || this.isClosed || this.pauseLeft > 0) return null;
    if (this.failure !== null) throw this.failure.error;
    if (this.spent() !== null) return null;
    this.windows.slowTo(this.slowedTo);
    if (this.waiters.length === 0 && this.free > 0) return this.issue();
    return await this.waitInLine(signal);
  }

  private async waitInLine(signal: AbortSignal): Promise<Permit | null> {
    const waiter: Waiter = Promise.withResolvers();
    const leave = (): void => {
      this.waiters = this.waiters.filter((other) => other !== waiter);
      waiter.resolve(null);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.waiters.push(waiter);
    void this.handOut();
    try {
      return await waiter.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Sets how many permits of each shared limit may be in use here, and until when by the monotonic clock. */
  allow(allowed: readonly number[], until: number): void {
    this.windows.allow(allowed);
    this.allowedUntil = until;
    this.tellLine();
  }

  /** Does the same as `allow`, but never raises a number. */
  narrow(allowed: readonly number[]): void {
    this.windows.narrow(allowed);
    this.tellLine();
  }

  /** Permits of each limit that were taken and have not come back. */
  get out(): readonly number[] {
    return this.windows.out;
  }

  /** Calls wait for their permits now. */
  get isWaitedFor(): boolean {
    return this.waiters.length > 0;
  }

  /** Milliseconds until a pause under way ends. */
  get pauseLeft(): number {
    return this.pausing.left;
  }

  /** Why a pause under way holds every process; null: none is, or it is this process's own affair. */
  get pauseWhy(): GatePauseReason | null {
    return this.pausing.why;
  }

  takeDemand(): ShareDemand {
    const wants = this.hadToWait || this.lacksPermits;
    this.hadToWait = false;
    return { wants, fraction: this.fraction };
  }

  /** Gives no more permits: every call that waits or asks for one rejects with the error. */
  fail(error: unknown): void {
    this.failure = { error };
    const failed = this.waiters;
    this.waiters = [];
    for (const waiter of failed) waiter.reject(error);
  }

  /** Why no call may leave any more before another day or night begins; null while one may. */
  spent(): SpentBudget | null {
    for (const budget of this.budgets) {
      const sentence = budget.spent();
      if (sentence !== null) return { cause: budget.cause, sentence };
    }
    return null;
  }

  /** Gives no permit for so long, and turns away calls that wait for one. A longer pause under way stays. */
  pause(milliseconds: number, why: SharedPauseReason | null = null): void {
    this.spread.begin(this.pausing.extend(milliseconds, why), this.intervalMs);
    this.sendAway();
  }

  /** What is left of a person's pause, to be told again and again: the person may move its end. 0: there is none. */
  followPerson(milliseconds: number): void {
    this.pausing.followPerson(milliseconds);
    if (milliseconds > 0) this.sendAway();
  }

  /**
   * Resolves when no pause is under way, the end of a person's has moved, or the signal aborts. Wait here before taking
   * a slot. Nothing of the time in a pause is caught up.
   */
  async untilOpen(signal: AbortSignal): Promise<void> {
    if (this.pauseLeft === 0) return;
    await this.pausing.untilOver(signal);
    this.spread.begin(this.clock.monotonic(), this.intervalMs);
  }

  /**
   * Counts calls that did not pass this gate: other processes', and those before it was made. Ages in milliseconds,
   * in any order.
   */
  fillWith(ages: readonly number[]): void {
    this.windows.fillWith(ages);
    this.spread.observe(ages, this.clock.monotonic(), this.intervalMs);
    this.tellLine();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.windows.close();
    this.alarm.close();
    this.sendAway();
    await this.line.close();
  }

  /** Calls that may leave now. */
  private get free(): number {
    const { learning, underWay, spreadFree } = this;
    const atOnce = (learning?.inFlight.allowed ?? Infinity) - underWay;
    return Math.min(this.leftByLimits, atOnce, spreadFree);
  }

  /** Calls that the spread lets leave now. */
  private get spreadFree(): number {
    return this.spread.free(this.clock.monotonic(), this.intervalMs);
  }

  /** Calls that the limits allow, whatever the spread says. */
  private get leftByLimits(): number {
    if (this.clock.monotonic() >= this.allowedUntil) return 0;
    return this.budgets.reduce((least, budget) => Math.min(least, budget.left), this.windows.free);
  }

  /** True where calls wait for more than their place in the spread. */
  private get lacksPermits(): boolean {
    return this.waiters.length > this.leftByLimits;
  }

  private tellLine(): void {
    this.windows.slowTo(this.slowedTo);
    // The next call tells bottleneck again; each telling costs bottleneck time.
    if (this.isClosed || this.waiters.length === 0) return;
    if (this.spreadFree === 0) this.alarm.set(this.spread.opensAt(this.intervalMs));
    this.line.tell(this.free > 0);
  }

  private async handOut(): Promise<void> {
    this.hadToWait ||= this.lacksPermits;
    this.tellLine();
    if (this.isHandingOut) return;
    this.isHandingOut = true;
    while (this.waiters.length > 0 && !this.isClosed) {
      await this.line.pass();
      this.handOver();
    }
    this.isHandingOut = false;
  }

  /** To nobody where the waiters, or the permits, have gone meanwhile. */
  private handOver(): void {
    for (let { free } = this; free > 0; free -= 1) {
      const waiter = this.waiters.shift();
      if (waiter === undefined) break;
      waiter.resolve(this.issue());
    }
    if (this.waiters.length > 0) this.spread.gather(this.clock.monotonic(), this.intervalMs);
    if (this.spent() !== null) this.sendAway();
    this.tellLine();
  }

  private issue(): Permit {
    this.underWay += 1;
    return issuePermit(this.sources, this.underWay, () => {
      this.underWay -= 1;
      this.tellLine();
    });
  }

  private sendAway(): void {
    const away = this.waiters;
    this.waiters = [];
    for (const waiter of away) waiter.resolve(null);
  }
}
