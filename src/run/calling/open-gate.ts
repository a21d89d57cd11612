import type { RateLimit as NamedRate } from '../../config/job-file/rate-limit.ts';
import { startOfDay, startOfNextDay, dayOf } from '../../domain/time/calendar-day.ts';
import { createCallBudget, type CallBudget } from '../../dispatch/gate/call-budget.ts';
import { createLentBudget, type LentBudget } from '../../dispatch/gate/lent-budget.ts';
import { PermitGate } from '../../dispatch/gate/permit-gate.ts';
import type { RateLimit } from '../../dispatch/gate/permit-windows.ts';
import { LARGEST_MARGIN_MS } from '../../dispatch/gate/transit-margin.ts';
import { countCallsSince, readRecentCalls, type CallersOf } from '../../ledger/runs/attempt-table.ts';
import type { SharedPauseReason } from '../../dispatch/gate/gate-pause.ts';
import { readPause, writePause } from '../../ledger/runs/allowance-table.ts';
import { openOwnPurse, openPurse, openSharedPurse, type SharedPurse } from './job-purse.ts';
import { untilWords } from './until-words.ts';
import { noteOwnCalls } from '../../ledger/runs/purse-table.ts';
import { joinAllowance } from './allowance-share.ts';
import type { Caller } from './caller.ts';
import { createPauseWatch } from './persons-pause.ts';
import type { LockedEnvironment, RunEnvironment } from '../run-environment.ts';

export interface OpenedGate {
  readonly gate: PermitGate;
  /** Tells every process on this ledger of a pause. Each one that calls the provider obeys within a second. */
  readonly sharePause: (milliseconds: number, why: SharedPauseReason) => void;
  close(): Promise<void>;
}

/** Opens the gate that all calls of a caller pass. Calls made before count in its windows. */
export async function openGate(environment: LockedEnvironment, caller: Caller): Promise<OpenedGate> {
  const { ledger, clock, configuration } = environment;
  const named = windowsOf(configuration.limits.rates);
  // Only one process has an embedded ledger, so no other job can name a limit.
  const limits = ledger.engine === 'server' ? sharedWindows(named) : named;
  const day = configuration.limits.rates.find(({ unit }) => unit === 'day');
  const lentDay = ledger.engine === 'server' ? openLentDay(environment, named) : null;
  const purse = lentDay === null ? null : sharedPurseOf(environment, caller, named);
  const own = openOwn(environment);
  const budgets = [
    ...(lentDay === null ? [] : [lentDay]),
    ...(purse === null ? [] : [purse.budget]),
    ...(own === null ? [] : [own]),
    ...(lentDay === null ? await openBudgets(environment, caller, day) : []),
  ];
  const { adaptive, burst, concurrency } = configuration.limits;
  const gate = new PermitGate(limits, clock, { budgets, adaptive, burst, concurrency });
  const { provider, job } = caller;
  // Look back over the longest window we count, including windows only another job limits, because we report our
  // in-flight permits to those jobs.
  const windowMs = Math.max(...limits.map((limit) => limit.windowMs)) + LARGEST_MARGIN_MS;
  const most = Math.max(...limits.map(({ count }) => count));
  const readAges = async (whose: CallersOf): Promise<number[]> =>
    await readRecentCalls(ledger, { provider, ...whose }, clock.now(), { windowMs, most });
  const watch = createPauseWatch(environment, caller, gate);
  try {
    // Fill the gate before other processes hear of this run: permits used by the job's dead process are not free yet.
    const recent = [...justLeft(caller.lostCalls), ...(await readAges({ job, isOthers: false }))];
    gate.fillWith(recent);
    const dayCount = day?.count ?? null;
    const shared = lentDay && { gate, limits, day: lentDay, dayCount, purse, lookForPause: watch.look };
    const share = shared && (await joinAllowance(environment, caller, shared));
    // While other jobs hold shares of the allowance, those shares cover their calls.
    const others = share?.isShared === true ? [] : await readAges({ job, isOthers: true });
    gate.fillWith(others);
    const told = await readPause(ledger, provider);
    if (told !== null) gate.pause(told.leftMs, told.why);
    const pauses = createPauseTeller(environment, provider);
    if (share === null) {
      await watch.look();
      watch.keepLooking();
    }
    return {
      gate,
      sharePause: pauses.tell,
      close: async () => {
        await watch.end();
        await pauses.told();
        await share?.leave();
        await gate.close();
        await keepOwnCalls(environment, caller, own);
      },
    };
  } catch (error) {
    await gate.close();
    throw error;
  }
}

/** Writes pauses to the ledger; where it can't be reached, other processes meet the provider's answer themselves. */
function createPauseTeller({ ledger, clock, logger }: RunEnvironment, provider: string) {
  let toldUntil = -Infinity;
  let telling: Promise<void> = Promise.resolve();

  async function write(leftMs: number, why: SharedPauseReason): Promise<void> {
    try {
      await writePause(ledger, provider, { leftMs, why });
    } catch (error) {
      logger.warn('a pause could not be told to other processes', { error: String(error) });
    }
  }

  return {
    tell: (milliseconds: number, why: SharedPauseReason): void => {
      const until = clock.monotonic() + milliseconds;
      if (until < toldUntil + PAUSES_APART_MS) return;
      toldUntil = until;
      telling = Promise.all([telling, write(milliseconds, why)]).then(() => undefined);
    },
    told: async (): Promise<void> => {
      await telling;
    },
  };
}

/** Counts calls by the second and by the minute, because another job may name a limit that this one does not. */
function sharedWindows(named: readonly RateLimit[]): readonly RateLimit[] {
  return [1_000, 60_000].map(
    (windowMs) => named.find((limit) => limit.windowMs === windowMs) ?? { windowMs, count: Infinity },
  );
}

/** Ages of lost calls. Each counts as sent now, because only the latest moment at which it may have left is known. */
export function justLeft(lostCalls: number): number[] {
  return Array.from({ length: lostCalls }, () => 0);
}

/**
 * The limits whose windows a run waits for. A daily limit is counted instead; alone, it lets all its calls leave at
 * once.
 */
function windowsOf(rates: readonly NamedRate[]): readonly RateLimit[] {
  const windows = rates.filter(({ unit }) => unit !== 'day');
  return windows.length > 0 ? windows : rates.map(({ count }) => ({ count, windowMs: 1_000 }));
}

/** Opens the budgets of an embedded ledger, which only one process has. */
async function openBudgets(
  environment: RunEnvironment,
  caller: Caller,
  day: NamedRate | undefined,
): Promise<CallBudget[]> {
  const maxCalls = maxCallsOf(environment);
  return [
    ...(day === undefined ? [] : [await openDay(environment, caller, day)]),
    ...(maxCalls === null ? [] : [await openPurse(environment, caller, maxCalls)]),
  ];
}

/** Null also for a person's request: it has a purse of its own and spends nothing from the job's. */
function maxCallsOf({ configuration: { limits, flags } }: RunEnvironment): number | null {
  return flags.maxCalls === null ? limits.maxCalls : null;
}

function sharedPurseOf(
  environment: RunEnvironment,
  caller: Caller,
  named: readonly RateLimit[],
): SharedPurse | null {
  const most = maxCallsOf(environment);
  return most === null
    ? null
    : openSharedPurse(environment, caller, { most, atHand: atHandOf(environment, named) });
}

function openOwn(environment: LockedEnvironment): CallBudget | null {
  const { maxCalls } = environment.configuration.flags;
  return maxCalls === null ? null : openOwnPurse(environment, environment.tally, maxCalls);
}

/** Keeps how many calls a request made from its own purse, so that the job's purse does not count them. */
async function keepOwnCalls(
  { ledger, tally, configuration: { flags } }: LockedEnvironment,
  { job, night }: Caller,
  own: CallBudget | null,
): Promise<void> {
  if (own === null || flags.maxCalls === null) return;
  const made = flags.maxCalls - own.left - tally.ownCalls;
  tally.ownCalls += made;
  if (made > 0) await noteOwnCalls(ledger, job, night, made);
}

/** The day begins by the job's time zone, and every call to the provider counts, whichever job made it. */
async function openDay(
  { ledger, clock, configuration: { timeZone } }: RunEnvironment,
  { provider }: Caller,
  limit: NamedRate,
): Promise<CallBudget> {
  return createCallBudget({
    cause: 'day_limit',
    most: limit.count,
    counted: await countCallsSince(ledger, provider, startOfDay(clock.now(), timeZone)),
    endOf: (now) => startOfNextDay(now, timeZone),
    clock,
    sentence: (made, own) => daySpent({ limit: limit.count, made, own }, clock.now(), timeZone),
  });
}

/** A pause that ends less than this after the last one told is not written: it is not worth a statement. */
const PAUSES_APART_MS = 100;

/** A job borrows the calls of so much time and no more, because other jobs go without them until it asks again. */
const LENT_FOR_MS = 2_000;
/** Calls borrowed at a time where no limit by the second or the minute tells how many are needed. */
const LENT_AT_MOST = 400;

/** Opens the budget of a day for all jobs together, where several processes share a ledger. */
function openLentDay(environment: RunEnvironment, named: readonly RateLimit[]): LentBudget {
  const { clock } = environment;
  const { timeZone } = environment.configuration;
  return createLentBudget({
    cause: 'day_limit',
    atHand: atHandOf(environment, named),
    endOf: (now) => startOfNextDay(now, timeZone),
    clock,
    sentence: ({ limit, used }, own) => daySpent({ limit, made: used, own }, clock.now(), timeZone),
  });
}

function atHandOf({ configuration: { limits } }: RunEnvironment, named: readonly RateLimit[]): number {
  const perSecond = Math.min(...named.map(({ count, windowMs }) => (count * 1_000) / windowMs));
  const isByDayOnly = limits.rates.every(({ unit }) => unit === 'day');
  return isByDayOnly ? LENT_AT_MOST : Math.ceil((perSecond * LENT_FOR_MS) / 1_000);
}

function daySpent(
  { limit, made, own }: { readonly limit: number; readonly made: number; readonly own: number },
  now: Date,
  timeZone: string,
): string {
  const next = untilWords(now, startOfNextDay(now, timeZone));
  return `the day's ${limit}/day are used up: ${made} calls were made on ${dayOf(now, timeZone)}, ${own} of them by this run; the next day begins ${next} (${timeZone})`;
}
