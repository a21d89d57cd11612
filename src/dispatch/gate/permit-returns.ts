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
  /**
   * The steps in order, so that each wake-up looks only at those that are due. A step from which every permit was moved
   * away stays here until its time.
   */
  private readonly steps: number[] = [];
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
    const before = this.pending.get(step) ?? 0;
    if (before + by === 0) this.pending.delete(step);
    else this.pending.set(step, before + by);
    if (before === 0) this.putInOrder(step);
  }

  /** Nearly every step is the latest so far. */
  private putInOrder(step: number): void {
    const { steps } = this;
    const place = steps.findLastIndex((other) => other <= step) + 1;
    if (steps[place - 1] !== step) steps.splice(place, 0, step);
  }

  /** The first step that permits wait for; Infinity where none do. */
  private firstStep(): number {
    const { steps, pending } = this;
    while (steps[0] !== undefined && !pending.has(steps[0])) steps.shift();
    return steps[0] ?? Infinity;
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
      this.sleepingUntil = this.firstStep();
      this.alarm = new AbortController();
      await clock.sleep(this.sleepingUntil + TIMER_SLACK_MS - clock.monotonic(), this.alarm.signal);
      if (!closed.signal.aborted) this.giveDue();
    }
    this.sleepingUntil = Infinity;
  }

  private giveDue(): void {
    const now = this.clock.monotonic();
    let due = 0;
    for (let step = this.firstStep(); step + TIMER_SLACK_MS <= now; step = this.firstStep()) {
      due += this.pending.get(step) ?? 0;
      this.pending.delete(step);
    }
    if (due > 0) this.give(due);
  }
}
