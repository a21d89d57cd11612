import type { Clock } from '../../domain/clock.ts';
import type { LimitCause } from '../../domain/exit-cause.ts';
import type { CallBudget } from './call-budget.ts';
import { CallCount } from './call-count.ts';

/** A day's calls, lent a few at a time from what all jobs of a provider have together. */
export interface LentBudget extends CallBudget {
  /** Calls that are missing from the number to have at hand. */
  readonly missing: number;
  /** Returns the calls that were lent and not made, for giving back. None is left here then. */
  giveBack(): number;
  /** So many more may be made of a day that stands so. */
  lend(calls: number, day: LentDay): void;
  /** Lifts the limit of the day until calls are lent again. */
  unlimit(): void;
}

export interface LentDay {
  readonly limit: number;
  /** Calls of all jobs in this day, those lent included. */
  readonly used: number;
}

export interface LentBudgetOptions {
  /** What a run ends by once it is spent. */
  readonly cause: LimitCause;
  /** Calls to have at hand. */
  readonly atHand: number;
  /** End of the day at hand. What was lent in it is nobody's in the next. */
  readonly endOf: (now: Date) => Date;
  readonly clock: Clock;
  readonly sentence: (day: LentDay, own: number) => string;
}

/** Makes a budget of which no call may be made before the first loan. */
export function createLentBudget({ cause, atHand, endOf, clock, sentence }: LentBudgetOptions): LentBudget {
  let isLimited = true;
  let lent = 0;
  let day: LentDay | null = null;
  const count = new CallCount({
    clock,
    endOf,
    renewed: () => {
      lent = 0;
      day = null;
    },
  });

  function left(): number {
    count.renew();
    return isLimited ? lent - count.own : Infinity;
  }

  return {
    cause,
    get left() {
      return left();
    },
    get missing() {
      return isLimited ? Math.max(0, atHand - left()) : atHand;
    },
    take: () => {
      count.take();
    },
    ended: (wasMade) => {
      count.ended(wasMade);
    },
    spent: () => {
      const isOver = left() <= 0 && day !== null && day.used >= day.limit;
      return isOver && day !== null ? sentence(day, count.own) : null;
    },
    giveBack: () => {
      const unused = isLimited ? Math.max(0, left()) : 0;
      lent -= unused;
      return unused;
    },
    lend: (calls, lentDay) => {
      count.renew();
      if (!isLimited) lent = count.own;
      isLimited = true;
      lent += calls;
      day = lentDay;
    },
    unlimit: () => {
      isLimited = false;
      day = null;
    },
  };
}
