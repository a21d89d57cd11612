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
  /** Tells every process on this ledger of a pause. Whoever calls the provider keeps to it within a second. */
  readonly sharePause: (milliseconds: number, why: SharedPauseReason) => void;
  close(): Promise<void>;
}

/** The gate all calls of a piece of work pass, filled with those that were made before it. */
export async function openGate(environment: LockedEnvironment, caller: Caller): Promise<OpenedGate> {
  const { ledger, clock, configuration } = environment;
  const named = windowsOf(configuration.limits.rates);
  // An embedded ledger has one process.
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
  // Of every window that is counted, also where only another job limits it: what we tell others is what is out.
  const windowMs = Math.max(...limits.map((limit) => limit.windowMs)) + LARGEST_MARGIN_MS;
  const most = Math.max(...limits.map(({ count }) => count));
  const readAges = async (whose: CallersOf): Promise<number[]> =>
    await readRecentCalls(ledger, { provider, ...whose }, clock.now(), { windowMs, most });
  const watch = createPauseWatch(environment, caller, gate);
  try {
    // Before others hear of this run: what its job's dead process used is not free.
    const recent = [...justLeft(caller.lostCalls), ...(await readAges({ job, isOthers: false }))];
    gate.fillWith(recent);
    const dayCount = day?.count ?? null;
    const shared = lentDay && { gate, limits, day: lentDay, dayCount, purse, lookForPause: watch.look };
    const share = shared && (await joinAllowance(environment, caller, shared));
    // Calls of other jobs are in their own parts of the allowance while they have any.
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

/** Where the ledger can't be told, others find out for themselves. Of pauses that end together one is told. */
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

/** Another job may name a limit this one does not: its calls are counted by the second and by the minute alike. */
function sharedWindows(named: readonly RateLimit[]): readonly RateLimit[] {
  return [1_000, 60_000].map(
    (windowMs) => named.find((limit) => limit.windowMs === windowMs) ?? { windowMs, count: Infinity },
  );
}

/** Ages of lost calls: only the latest possible moment of one is known, so it counts as sent now. */
export function justLeft(lostCalls: number): number[] {
  return Array.from({ length: lostCalls }, () => 0);
}

/** Limits a run waits for; a day's is counted instead. Of a day's calls alone all may leave at once. */
function windowsOf(rates: readonly NamedRate[]): readonly RateLimit[] {
  const windows = rates.filter(({ unit }) => unit !== 'day');
  return windows.length > 0 ? windows : rates.map(({ count }) => ({ count, windowMs: 1_000 }));
}

/** Of an embedded ledger, which one process has. */
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

/** A person's request has a purse of its own, and spends nothing from the job's. */
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

/** What a request has made from its own purse is no call of the job's. */
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

/** The calendar day is the job's; the calls are the provider's, whichever job made them. */
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

/** A pause that lasts less than this beyond the last one told is not worth a statement. */
const PAUSES_APART_MS = 100;

/** So much is lent at a time: what a job may call until it asks again, and no more, since others go without it. */
const LENT_FOR_MS = 2_000;
/** Where nobody limits the second. */
const LENT_AT_MOST = 400;

/** The day's calls of all jobs together, where several processes share a ledger. */
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
