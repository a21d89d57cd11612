import type { Clock } from '../../domain/clock.ts';
import type { LimitCause } from '../../domain/exit-cause.ts';
import { CallCount } from './call-count.ts';

/** Why no call may be made any more. */
export interface SpentBudget {
  readonly cause: LimitCause;
  readonly sentence: string;
}

/** A number of calls for a day or a night, which is longer than a run waits. */
export interface CallBudget {
  /** The cause with which a run ends once the budget is spent. */
  readonly cause: LimitCause;
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
  readonly cause: LimitCause;
  readonly most: number;
  /** Calls made in this stretch of time before now, whoever made them. */
  readonly counted: number;
  /** End of the stretch of time at hand; a new one begins there with nothing counted. Null: it outlasts the run. */
  readonly endOf: ((now: Date) => Date) | null;
  readonly clock: Clock;
  /** `own` of the `made` calls are this process's. */
  readonly sentence: (made: number, own: number) => string;
}

/** Makes a budget that begins with the ledger's count and then counts in memory. */
export function createCallBudget({
  cause,
  most,
  counted,
  endOf,
  clock,
  sentence,
}: CallBudgetOptions): CallBudget {
  let before = counted;
  const count = new CallCount({
    clock,
    endOf,
    renewed: () => {
      before = 0;
    },
  });
  return {
    cause,
    get left() {
      count.renew();
      return most - before - count.own;
    },
    take: () => {
      count.take();
    },
    ended: (wasMade) => {
      count.ended(wasMade);
    },
    spent: () => {
      count.renew();
      const made = before + count.own;
      return made < most ? null : sentence(made, count.own);
    },
  };
}
