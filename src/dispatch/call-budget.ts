import type { Clock } from '../domain/clock.ts';

/** So many calls in a stretch of time that is longer than a run waits for: a day, a night. */
export interface CallBudget {
  /** Calls that may still be made. */
  readonly left: number;
  /** One call is about to leave. */
  take(): void;
  /** A call that was taken is over; `wasMade` false: surely nothing was sent, and it does not count. */
  ended(wasMade: boolean): void;
  /** Why no call may be made any more in this stretch of time, in one sentence; null while one may. */
  spent(): string | null;
}

export interface CallBudgetOptions {
  readonly most: number;
  /** Calls made in this stretch of time before now, whoever made them. */
  readonly counted: number;
  /** End of the stretch of time at hand; a new one begins there with nothing counted. Null: it outlasts the run. */
  readonly endOf: ((now: Date) => Date) | null;
  readonly clock: Clock;
  /** `own` of the `made` calls are this process's. */
  readonly sentence: (made: number, own: number) => string;
}

/** Counts down in memory what the ledger counted at the start. */
export function createCallBudget(options: CallBudgetOptions): CallBudget {
  const { most, endOf, clock } = options;
  let counted = options.counted;
  let own = 0;
  let underWay = 0;
  let endsAt = endOf === null ? Infinity : endOf(clock.now()).getTime();

  /** A call under way at the end of a day may arrive in the next: it counts in both. */
  function renew(): void {
    if (endOf === null || clock.now().getTime() < endsAt) return;
    endsAt = endOf(clock.now()).getTime();
    counted = 0;
    own = underWay;
  }

  return {
    get left() {
      renew();
      return most - counted - own;
    },
    take: () => {
      renew();
      own += 1;
      underWay += 1;
    },
    ended: (wasMade) => {
      underWay -= 1;
      if (!wasMade) own -= 1;
    },
    spent: () => {
      renew();
      return counted + own < most ? null : options.sentence(counted + own, own);
    },
  };
}
