import type { Clock } from '../../domain/clock.ts';

export interface PermitReturn {
  /** Moves the time forward; a later time than the one it has is ignored. */
  bringForward(due: number): void;
}

/** Node's timers may fire a millisecond early. */
const TIMER_SLACK_MS = 2;

/**
 * Permits on their way back, each with the time from which it may be used again. One timer serves all of them and calls
 * `give` with the number that have become due, never early. Times are rounded up to whole steps of `stepMs`, so that a
 * window with a hundred thousand permits keeps a list of only some hundred times.
 */
export class PermitReturns {
  /** How many are due at a step. */
  private readonly pending = new Map<number, number>();
  private readonly closed = new AbortController();
  private readonly clock: Clock;
  private readonly give: (count: number) => void;
  private readonly stepMs: number;
  private sleepingUntil = Infinity;
  private alarm = new AbortController();

  constructor(clock: Clock, give: (count: number) => void, stepMs = 1) {
    this.clock = clock;
    this.give = give;
    this.stepMs = stepMs;
  }

  /** `due` by the monotonic clock. */
  add(due: number): PermitReturn {
    let step = this.stepOf(due);
    this.count(step, 1);
    this.schedule(step);
    return {
      bringForward: (earlierDue) => {
        const earlier = this.stepOf(earlierDue);
        // A permit that is no longer in the list was given already.
        if (earlier >= step || !this.pending.has(step)) return;
        this.count(step, -1);
        step = earlier;
        this.count(step, 1);
        this.schedule(step);
      },
    };
  }

  close(): void {
    this.closed.abort();
    this.alarm.abort();
  }

  private stepOf(due: number): number {
    return Math.ceil(due / this.stepMs) * this.stepMs;
  }

  private count(step: number, by: number): void {
    const count = (this.pending.get(step) ?? 0) + by;
    if (count === 0) this.pending.delete(step);
    else this.pending.set(step, count);
  }

  private schedule(step: number): void {
    if (this.sleepingUntil === Infinity) {
      this.sleepingUntil = step;
      void this.keepGiving();
    } else if (step < this.sleepingUntil) {
      this.alarm.abort();
    }
  }

  private async keepGiving(): Promise<void> {
    const { clock, closed, pending } = this;
    while (pending.size > 0 && !closed.signal.aborted) {
      this.sleepingUntil = Math.min(...pending.keys());
      this.alarm = new AbortController();
      await clock.sleep(this.sleepingUntil + TIMER_SLACK_MS - clock.monotonic(), this.alarm.signal);
      if (!closed.signal.aborted) this.giveDue();
    }
    this.sleepingUntil = Infinity;
  }

  private giveDue(): void {
    const now = this.clock.monotonic();
    let due = 0;
    for (const [step, count] of this.pending) {
      if (step + TIMER_SLACK_MS > now) continue;
      this.pending.delete(step);
      due += count;
    }
    if (due > 0) this.give(due);
  }
}
