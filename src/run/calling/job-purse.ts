import { createCallBudget, type CallBudget } from '../../dispatch/gate/call-budget.ts';
import { SHARE_MS } from '../../dispatch/gate/allowance-shares.ts';
import { createLentBudget, type LentBudget } from '../../dispatch/gate/lent-budget.ts';
import { nightOf } from '../../domain/night.ts';
import { startOfNextNight } from '../../domain/time/calendar-day.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { Allowance, Purses } from '../../ledger/runs/allowance-table.ts';
import { countCallsOfJobs, readJobsSince } from '../../ledger/runs/purse-table.ts';
import { isOnePurse, purseOf } from '../derived-jobs.ts';
import type { JobTally } from '../job-tally.ts';
import type { RunEnvironment } from '../run-environment.ts';
import type { Caller } from './caller.ts';
import { untilWords } from './until-words.ts';

/** The calls that `limits.maxCalls` allows in a night. Live processes borrow a few of them at a time. */
export interface SharedPurse {
  readonly budget: LentBudget;
  readonly most: number;
  /** Its name in the allowance row: the night, and the job. */
  readonly key: string;
  /** Calls made from it so far, by the ledger. */
  count(on: Queryable): Promise<number>;
}

/**
 * Opens the budget of a person's own request (`--max-calls`). The tally adds its calls up over all lists of the job.
 */
export function openOwnPurse({ clock }: RunEnvironment, tally: JobTally, maxCalls: number): CallBudget {
  return createCallBudget({
    cause: 'max_calls',
    most: maxCalls,
    counted: tally.ownCalls,
    endOf: null,
    clock,
    sentence: (made) => `--max-calls ${maxCalls} is used up: ${made} calls were made for this request`,
  });
}

/** Opens the purse of an embedded ledger: no other process can spend from it, so its calls are counted once. */
export async function openPurse(
  environment: RunEnvironment,
  caller: Caller,
  maxCalls: number,
): Promise<CallBudget> {
  return createCallBudget({
    cause: 'max_calls',
    most: maxCalls,
    counted: await countPurse(environment.ledger, caller),
    endOf: null,
    clock: environment.clock,
    sentence: (made, own) => purseSpent(environment, maxCalls, { made, own }),
  });
}

/** `atHand`: calls that a process borrows at a time. */
export function openSharedPurse(
  environment: RunEnvironment,
  caller: Caller,
  { most, atHand }: { readonly most: number; readonly atHand: number },
): SharedPurse {
  return {
    budget: createLentBudget({
      cause: 'max_calls',
      atHand,
      // A run's calls belong to the night in which it began or was continued, even those after the next noon.
      endOf: () => new Date(8.64e15),
      clock: environment.clock,
      sentence: ({ used }, own) => purseSpent(environment, most, { made: used, own }),
    }),
    most,
    key: `${caller.night} ${purseOf(caller.job)}`,
    count: async (on) => await countPurse(on, caller),
  };
}

async function countPurse(on: Queryable, { job, night }: Caller): Promise<number> {
  const jobs = (await readJobsSince(on, night)).filter((other) => isOnePurse(job, other));
  return await countCallsOfJobs(on, jobs, night);
}

function purseSpent(
  { clock, configuration: { timeZone } }: RunEnvironment,
  maxCalls: number,
  { made, own }: { readonly made: number; readonly own: number },
): string {
  const now = clock.now();
  const next = untilWords(now, startOfNextNight(now, timeZone));
  return (
    `limits.maxCalls ${maxCalls} is used up: ${made} calls were made in the night of ${nightOf(now, timeZone)}, ${own} of them by this run; ` +
    `the next night begins ${next} (${timeZone})`
  );
}

interface Lent {
  readonly purses: Purses;
  readonly calls: number;
  /** Calls made from the purse, including those that are only lent so far. */
  readonly used: number;
}

/** How many purses the row keeps; a process of an earlier night may still spend from its own. */
const PURSES_KEPT = 50;

/**
 * Lends the calls a process is missing, as far as the purse has some. Counts the purse anew where nobody else uses it.
 */
export async function lendFromPurse(
  transaction: Queryable,
  purse: SharedPurse | null,
  {
    allowance,
    job,
    isFirst,
  }: { readonly allowance: Allowance; readonly job: string; readonly isFirst: boolean },
): Promise<Lent> {
  const { purses, shares, now } = allowance;
  if (purse === null) return { purses, calls: 0, used: 0 };
  const isAlone = Object.entries(shares).every(
    ([other, share]) => other === job || !isOnePurse(job, other) || share.seenAt <= now - SHARE_MS,
  );
  const known = isFirst && isAlone ? undefined : purses[purse.key];
  const used = known ?? (await purse.count(transaction));
  const calls = Math.max(0, Math.min(purse.budget.missing, purse.most - used));
  const kept = Object.entries({ ...purses, [purse.key]: used + calls });
  const newest = kept.toSorted(([a], [b]) => (a < b ? 1 : -1)).slice(0, PURSES_KEPT);
  return { purses: Object.fromEntries(newest), calls, used: used + calls };
}

export function giveBackToPurse(purses: Purses, { key, budget }: SharedPurse): Purses {
  const used = purses[key];
  return used === undefined ? purses : { ...purses, [key]: Math.max(0, used - budget.giveBack()) };
}
