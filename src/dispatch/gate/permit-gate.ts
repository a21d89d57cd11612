import Bottleneck from 'bottleneck';
import type { Clock } from '../../domain/clock.ts';
import { AdaptivePace } from './adaptive-pace.ts';
import type { CallBudget, SpentBudget } from './call-budget.ts';
import type { CallVerdict } from '../call/call-verdict.ts';
import { PermitWindows, type PermitsBack, type RateLimit } from './permit-windows.ts';
import { TransitMargin } from './transit-margin.ts';

/**
 * One call's right to leave. Ends with `finish`, or with `giveBack` when the call was not made after all; whatever
 * is said of it after its end changes nothing, so that no permit comes back twice.
 */
export interface Permit {
  /** The call's last byte has left us. */
  left(): void;
  /** The call is over, answered or not. */
  finish(verdict: CallVerdict): void;
  giveBack(): void;
}

export interface GateOptions {
  /** Of each every call takes one. */
  readonly budgets?: readonly CallBudget[];
  /** Slower by itself while the provider is in trouble; default false. */
  readonly adaptive?: boolean;
}

/** bottleneck does some 360 jobs a second, and each costs some 0.3 ms of CPU: above 20/s one job takes several permits. */
const RATE_PER_PERMIT_OF_A_JOB = 20;

interface Waiter {
  give(permit: Permit | null): void;
  fail(error: unknown): void;
}

/** What other processes have to know to share the limits with this one. */
export interface GateDemand {
  /** A call had to wait for its permit since this was asked last. */
  readonly wants: boolean;
  /** Which part of the rate is used while the provider is in trouble. */
  readonly fraction: number;
}

/**
 * The rates as a promise about any window. Who waits stands in line at bottleneck, whose reservoir nothing refills by
 * time: it holds what the fullest of the limits has left, and is told of every permit that is taken or comes back.
 */
export class PermitGate {
  private readonly bottleneck: Bottleneck;
  private readonly windows: PermitWindows;
  private readonly budgets: readonly CallBudget[];
  private readonly pace: AdaptivePace | null;
  private readonly margin = new TransitMargin();
  private readonly largestJob: number;
  private readonly clock: Clock;
  /** What bottleneck's reservoir holds, once it has heard of all it was told. */
  private reservoir = 0;
  /** Weight of the job that stands in line. */
  private weight = 0;
  private waiters: Waiter[] = [];
  private isHandingOut = false;
  private isClosed = false;
  private pausedUntil = 0;
  private hadToWait = false;
  /** No permit is given after it. */
  private allowedUntil = Infinity;
  private failure: { readonly error: unknown } | null = null;

  constructor(
    limits: readonly RateLimit[],
    clock: Clock,
    { budgets = [], adaptive = false }: GateOptions = {},
  ) {
    this.clock = clock;
    this.budgets = budgets;
    this.pace = adaptive ? new AdaptivePace() : null;
    this.bottleneck = new Bottleneck({ reservoir: 0, maxConcurrent: null });
    this.windows = new PermitWindows(limits, clock, () => {
      this.tellBottleneck();
    });
    this.largestJob = Math.max(1, Math.ceil(this.windows.perSecond / RATE_PER_PERMIT_OF_A_JOB));
    this.tellBottleneck();
  }

  /** Calls a second while the provider's trouble keeps them below the limit, else null. */
  get slowedTo(): number | null {
    const { fraction } = this;
    return fraction < 1 ? this.windows.perSecond * fraction : null;
  }

  private get fraction(): number {
    return this.pace?.fractionAt(this.clock.monotonic()) ?? 1;
  }

  /** Null when `signal` aborted, a pause began or a budget was spent before a permit was free: the call must not leave. */
  async take(signal: AbortSignal): Promise<Permit | null> {
    if (signal.aborted || this.isClosed || this.clock.monotonic() < this.pausedUntil) return null;
    if (this.failure !== null) throw this.failure.error;
    if (this.spent() !== null) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Permit | null>();
    const waiter: Waiter = { give: resolve, fail: reject };
    const leave = (): void => {
      this.waiters = this.waiters.filter((other) => other !== waiter);
      resolve(null);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.waiters.push(waiter);
    void this.handOut();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Where the limits are shared: how many permits of each may be in use here, and until when by the monotonic clock. */
  allow(allowed: readonly number[], until: number): void {
    this.windows.allow(allowed);
    this.allowedUntil = until;
    this.tellBottleneck();
  }

  /** As `allow`, but nothing becomes more. */
  narrow(allowed: readonly number[]): void {
    this.windows.narrow(allowed);
    this.tellBottleneck();
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
    return Math.max(0, this.pausedUntil - this.clock.monotonic());
  }

  takeDemand(): GateDemand {
    const wants = this.hadToWait || this.waiters.length > 0;
    this.hadToWait = false;
    return { wants, fraction: this.fraction };
  }

  /** Nobody gets a permit any more: whoever waits for one, or asks, hears the error. */
  fail(error: unknown): void {
    this.failure = { error };
    const failed = this.waiters;
    this.waiters = [];
    for (const waiter of failed) waiter.fail(error);
  }

  /** Why no call may leave any more before another day or night begins; null while one may. */
  spent(): SpentBudget | null {
    for (const budget of this.budgets) {
      const sentence = budget.spent();
      if (sentence !== null) return { cause: budget.cause, sentence };
    }
    return null;
  }

  /** Nobody gets a permit for so long; whoever waits for one is sent away. A longer pause under way stands. */
  pause(milliseconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.monotonic() + milliseconds);
    this.sendAway();
  }

  /** Resolves when no pause is under way, or the signal aborts. Wait here before taking a slot. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = this.pausedUntil - this.clock.monotonic();
      if (left <= 0 || signal.aborted) return;
      await this.clock.sleep(left, signal);
    }
  }

  /**
   * Counts calls that did not pass this gate: other processes', and those before it was made. Ages in milliseconds,
   * in any order.
   */
  fillWith(ages: readonly number[]): void {
    this.windows.fillWith(ages);
    this.tellBottleneck();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.windows.close();
    this.sendAway();
    await this.bottleneck.disconnect();
  }

  /** Calls that may leave now. */
  private get free(): number {
    if (this.clock.monotonic() >= this.allowedUntil) return 0;
    return this.budgets.reduce((least, budget) => Math.min(least, budget.left), this.windows.free);
  }

  private tellBottleneck(): void {
    this.windows.slowTo(this.slowedTo);
    const { free } = this;
    // A job that stands in line for more than there can be by now passes; who gets a permit is decided after it.
    const told = free > 0 ? Math.max(free, this.weight) : free;
    const more = told - this.reservoir;
    if (more === 0 || this.isClosed) return;
    this.reservoir = told;
    void this.bottleneck.incrementReservoir(more);
  }

  private async handOut(): Promise<void> {
    if (this.isHandingOut) return;
    this.isHandingOut = true;
    while (this.waiters.length > 0 && !this.isClosed) {
      this.hadToWait ||= this.waiters.length > this.free;
      // No more than are free now: a permit must not lie idle until its batch is complete.
      this.weight = Math.max(1, Math.min(this.waiters.length, this.largestJob, this.free));
      await this.bottleneck.schedule({ weight: this.weight }, async () => await Promise.resolve());
      this.reservoir -= this.weight;
      this.handOver();
    }
    this.isHandingOut = false;
  }

  /** Fewer than the job's weight where waiters, or permits, have gone meanwhile. */
  private handOver(): void {
    for (let more = this.weight; more > 0 && this.free > 0; more -= 1) {
      const waiter = this.waiters.shift();
      if (waiter === undefined) break;
      waiter.give(this.createPermit());
    }
    this.weight = 0;
    if (this.spent() !== null) this.sendAway();
    this.tellBottleneck();
  }

  private createPermit(): Permit {
    let leftAt: number | null = null;
    let back: PermitsBack | null = null;
    let hasEnded = false;
    const takenAt = this.clock.monotonic();
    this.windows.take();
    for (const budget of this.budgets) budget.take();
    return {
      left: () => {
        if (hasEnded || leftAt !== null) return;
        leftAt = this.clock.monotonic();
        back = this.windows.comeBack(leftAt + this.margin.ms);
      },
      finish: (verdict) => {
        if (hasEnded) return;
        hasEnded = true;
        const now = this.clock.monotonic();
        this.pace?.note(verdict, leftAt ?? takenAt, now);
        if (leftAt !== null && verdict === 'sound') this.margin.note(now - leftAt);
        if (back === null) this.windows.comeBack(now);
        else back.arrivedBy(now);
        this.endBudgets(verdict !== 'not_sent');
      },
      giveBack: () => {
        if (hasEnded || leftAt !== null) return;
        hasEnded = true;
        this.windows.giveBack();
        this.endBudgets(false);
      },
    };
  }

  private endBudgets(wasMade: boolean): void {
    for (const budget of this.budgets) budget.ended(wasMade);
    this.tellBottleneck();
  }

  private sendAway(): void {
    const away = this.waiters;
    this.waiters = [];
    for (const waiter of away) waiter.give(null);
  }
}
