import Bottleneck from 'bottleneck';
import type { Clock } from '../domain/clock.ts';
import { createPermitReturns, type PermitReturn, type PermitReturns } from './permit-returns.ts';

/**
 * One call's right to leave. Ends with `finish`, or with `giveBack` when the call was not made after all; whatever
 * is said of it after its end changes nothing, so that no permit comes back twice.
 */
export interface Permit {
  /** The call's last byte has left us. */
  left(): void;
  /** The call is over, answered or not. */
  finish(): void;
  giveBack(): void;
}

export interface RateLimit {
  readonly count: number;
  readonly windowMs: number;
}

/**
 * How much later than its bytes left a call may still arrive at the provider. A permit comes back one window after
 * its call surely had arrived: after the answer, or this long after the bytes left if the answer takes longer.
 */
const TRANSIT_MARGIN_MS = 30;
/** bottleneck does some 360 jobs a second: above 100/s one job takes several permits. */
const RATE_PER_PERMIT_OF_A_JOB = 100;

interface Waiter {
  give(permit: Permit | null): void;
}

/**
 * The rate as a promise about any window: a reservoir that nothing refills by time. Each permit comes back one
 * window after it was used, so no sliding window at the provider holds more calls than there are permits.
 */
export class PermitGate {
  private readonly bottleneck: Bottleneck;
  private readonly returns: PermitReturns;
  private readonly largestJob: number;
  private readonly limit: RateLimit;
  private readonly clock: Clock;
  private waiters: Waiter[] = [];
  private isHandingOut = false;
  private isClosed = false;
  private pausedUntil = 0;

  constructor(limit: RateLimit, clock: Clock) {
    const perSecond = (limit.count * 1_000) / limit.windowMs;
    this.limit = limit;
    this.clock = clock;
    this.bottleneck = new Bottleneck({ reservoir: limit.count, maxConcurrent: null });
    this.largestJob = Math.max(1, Math.min(limit.count, Math.ceil(perSecond / RATE_PER_PERMIT_OF_A_JOB)));
    this.returns = createPermitReturns(clock, (count) => void this.bottleneck.incrementReservoir(count));
  }

  /** Null when `signal` aborted, or a pause began, before a permit was free: the call must not leave. */
  async take(signal: AbortSignal): Promise<Permit | null> {
    if (signal.aborted || this.isClosed || this.clock.monotonic() < this.pausedUntil) return null;
    const { promise, resolve } = Promise.withResolvers<Permit | null>();
    const waiter: Waiter = { give: resolve };
    const leave = (): void => {
      this.waiters = this.waiters.filter((other) => other !== waiter);
      resolve(null);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.waiters.push(waiter);
    void this.handOut();
    const permit = await promise;
    signal.removeEventListener('abort', leave);
    return permit;
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
   * in any order. Of more than fit the youngest decide.
   */
  async fill(ages: readonly number[]): Promise<void> {
    const lasting = this.limit.windowMs + TRANSIT_MARGIN_MS;
    const recent = ages
      .filter((age) => age < lasting)
      .toSorted((a, b) => a - b)
      .slice(0, this.limit.count);
    if (recent.length > 0) await this.bottleneck.incrementReservoir(-recent.length);
    for (const age of recent) this.returns.add(this.clock.monotonic() + lasting - age);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.returns.close();
    this.sendAway();
    await this.bottleneck.disconnect();
  }

  private async handOut(): Promise<void> {
    if (this.isHandingOut) return;
    this.isHandingOut = true;
    while (this.waiters.length > 0 && !this.isClosed) {
      const weight = await this.nextWeight();
      await this.bottleneck.schedule({ weight }, async () => await Promise.resolve());
      await this.handOver(weight);
    }
    this.isHandingOut = false;
  }

  /** No more than are free now: a permit must not lie idle until its batch is complete. */
  private async nextWeight(): Promise<number> {
    const free = (await this.bottleneck.currentReservoir()) ?? 0;
    return Math.max(1, Math.min(this.waiters.length, this.largestJob, free));
  }

  private async handOver(permits: number): Promise<void> {
    let left = permits;
    while (left > 0) {
      const waiter = this.waiters.shift();
      if (waiter === undefined) break;
      waiter.give(this.createPermit());
      left -= 1;
    }
    if (left > 0) await this.bottleneck.incrementReservoir(left);
  }

  private createPermit(): Permit {
    let back: PermitReturn | null = null;
    let hasEnded = false;
    return {
      left: () => {
        if (hasEnded) return;
        back ??= this.returns.add(this.clock.monotonic() + TRANSIT_MARGIN_MS + this.limit.windowMs);
      },
      finish: () => {
        if (hasEnded) return;
        hasEnded = true;
        const due = this.clock.monotonic() + this.limit.windowMs;
        if (back === null) back = this.returns.add(due);
        else back.bringForward(due);
      },
      giveBack: () => {
        if (hasEnded || back !== null) return;
        hasEnded = true;
        void this.bottleneck.incrementReservoir(1);
      },
    };
  }

  private sendAway(): void {
    const away = this.waiters;
    this.waiters = [];
    for (const waiter of away) waiter.give(null);
  }
}
