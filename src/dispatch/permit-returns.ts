import type { Clock } from '../domain/clock.ts';

/** Permits on their way back, each with the time from which it may be used again. */
export interface PermitReturns {
  /** `due` by the monotonic clock. */
  add(due: number): PermitReturn;
  close(): void;
}

export interface PermitReturn {
  /** Moves the time forward; a later time than the one it has is ignored. */
  bringForward(due: number): void;
}

/** Node's timers may fire a millisecond early. */
const TIMER_SLACK_MS = 2;

/** One timer for all of them: calls `give` with how many have become due, never early. */
export function createPermitReturns(clock: Clock, give: (count: number) => void): PermitReturns {
  const pending = new Set<{ due: number }>();
  const closed = new AbortController();
  let sleepingUntil = Infinity;
  let alarm = new AbortController();

  function earliest(): number {
    let least = Infinity;
    for (const entry of pending) least = Math.min(least, entry.due);
    return least;
  }

  function giveDue(): void {
    const now = clock.monotonic();
    let count = 0;
    for (const entry of pending) {
      if (entry.due + TIMER_SLACK_MS > now) continue;
      pending.delete(entry);
      count += 1;
    }
    if (count > 0) give(count);
  }

  async function keepGiving(): Promise<void> {
    while (pending.size > 0 && !closed.signal.aborted) {
      sleepingUntil = earliest();
      alarm = new AbortController();
      await clock.sleep(sleepingUntil + TIMER_SLACK_MS - clock.monotonic(), alarm.signal);
      if (!closed.signal.aborted) giveDue();
    }
    sleepingUntil = Infinity;
  }

  function schedule(due: number): void {
    if (sleepingUntil === Infinity) {
      sleepingUntil = due;
      void keepGiving();
    } else if (due < sleepingUntil) {
      alarm.abort();
    }
  }

  return {
    add: (due) => {
      const entry = { due };
      pending.add(entry);
      schedule(due);
      return {
        bringForward: (earlier) => {
          if (earlier >= entry.due) return;
          entry.due = earlier;
          schedule(earlier);
        },
      };
    },
    close: () => {
      closed.abort();
      alarm.abort();
    },
  };
}
