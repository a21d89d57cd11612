import {
  decideShare,
  findBindingLimits,
  SHARE_MS,
  withEnd,
  withShare,
  type BindingLimit,
  type ShareDemand,
  type ShareDecision,
  type ShareRequest,
} from '../../dispatch/gate/allowance-shares.ts';
import type { LentBudget } from '../../dispatch/gate/lent-budget.ts';
import type { PermitGate } from '../../dispatch/gate/permit-gate.ts';
import type { RateLimit } from '../../dispatch/gate/permit-windows.ts';
import { createCallHours } from '../../dispatch/windows/call-hours.ts';
import { lockAllowance, writeShares, type Allowance } from '../../ledger/runs/allowance-table.ts';
import { countCallsSince } from '../../ledger/runs/attempt-table.ts';
import { startOfDay, startOfNextDay } from '../../domain/time/calendar-day.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { Caller } from './caller.ts';
import { giveBackToPurse, lendFromPurse, type SharedPurse } from './job-purse.ts';
import type { PauseWatch } from './persons-pause.ts';
import type { RunEnvironment } from '../run-environment.ts';

/** How soon a job that comes gets its part of an allowance one job has alone, and how soon parts follow what is needed. */
const BEAT_ALONE_MS = 1_000;
const BEAT_SHARED_MS = 250;

/** A job that can't call for longer binds nobody by its limits; it has its part again when it can. */
const RESTS_FROM_MS = 3_000;

/** What a gate may use is decided with other jobs' processes. */
export interface SharedGate {
  readonly gate: PermitGate;
  /** In the order of the gate's. */
  readonly limits: readonly RateLimit[];
  /** Also where this job names no limit by the day: another one may. */
  readonly day: LentBudget;
  /** Null: this job names none. */
  readonly dayCount: number | null;
  /** Null: nothing limits the calls of this job's night, or a person's own purse does. */
  readonly purse: SharedPurse | null;
  /** Done with each beat. */
  readonly lookForPause: PauseWatch['look'];
}

/** A live run's part in its provider's allowance, asked for again and again until it leaves. */
export interface AllowanceShare {
  readonly isShared: boolean;
  /** Gives back all but the permits on their way back. */
  leave(): Promise<void>;
}

/**
 * Keeps a gate within what other jobs' processes leave of the provider's limits. When the ledger does not answer, what
 * was allowed ends with its time and nothing is sent. The gate fails with what the ledger fails with.
 */
export async function joinAllowance(
  environment: RunEnvironment,
  caller: Caller,
  shared: SharedGate,
): Promise<AllowanceShare> {
  const { gate, limits, day, purse, lookForPause } = shared;
  const { clock } = environment;
  const left = new AbortController();
  const requestNow = createRequests(environment, caller.job, shared);
  const tellOf = createBindingTeller(environment, caller.id);

  async function beat(isFirst: boolean): Promise<ShareDecision> {
    await lookForPause();
    const { decided, loan, asked, binding } = await askForShare(environment, caller, {
      shared,
      requestNow,
      isFirst,
    });
    if (decided.dayCount === null || loan.day === null) day.unlimit();
    else day.lend(loan.calls, { limit: decided.dayCount, used: loan.day.used });
    if (purse !== null) purse.budget.lend(loan.fromPurse, { limit: purse.most, used: loan.purseUsed });
    gate.allow(decided.allowed, asked + SHARE_MS);
    tellOf(binding);
    return decided;
  }

  async function keep(first: ShareDecision): Promise<void> {
    let { isShared } = first;
    while (!left.signal.aborted) {
      await clock.sleep(isShared ? BEAT_SHARED_MS : BEAT_ALONE_MS, left.signal);
      if (!left.signal.aborted) ({ isShared } = await beat(false));
    }
  }

  gate.allow(
    limits.map(() => 0),
    Infinity,
  );
  const first = await beat(true);
  const keeping = keep(first).catch((error: unknown) => {
    gate.fail(error);
  });
  return {
    isShared: first.isShared,
    leave: async () => {
      left.abort();
      await keeping;
      await leaveAllowance(environment, caller, requestNow(gate.takeDemand()), shared);
    },
  };
}

/** What is asked for, as it is at the moment. */
type RequestNow = (demand: ShareDemand) => ShareRequest;

function createRequests(
  { clock, configuration }: RunEnvironment,
  job: string,
  { gate, limits, dayCount }: SharedGate,
): RequestNow {
  const hours = createCallHours(configuration.windows, configuration.timeZone);
  return ({ wants, fraction }) => {
    const { out } = gate;
    const windows = limits.map((limit, at) => ({ ...limit, out: out[at] ?? 0 }));
    const now = clock.now();
    const closedFor = (hours.closedUntil(now)?.getTime() ?? -Infinity) - now.getTime();
    const isResting =
      Math.max(gate.pauseLeft, closedFor) > RESTS_FROM_MS &&
      !gate.isWaitedFor &&
      windows.every((window) => window.out === 0 || window.count === Infinity);
    return { job, dayCount, windows, wants: wants && !isResting, fraction, isResting };
  };
}

/** Each limit of another job's once. */
function createBindingTeller(
  { logger, observer }: RunEnvironment,
  run: string,
): (binding: readonly BindingLimit[]) => void {
  const told = new Set<string>();
  return (binding) => {
    for (const { job, count, windowMs } of binding) {
      const unit = windowMs === null ? 'day' : windowMs === 1_000 ? 's' : 'min';
      const sentence = `job ${job} calls this provider too and names ${count}/${unit}: while it calls, both together keep to that`;
      if (told.has(sentence)) continue;
      told.add(sentence);
      logger.warn('another job holds a run to its lower limit', { run, sentence });
      observer.warned(sentence);
    }
  };
}

interface Asking {
  readonly shared: SharedGate;
  readonly requestNow: RequestNow;
  readonly isFirst: boolean;
}

interface Asked {
  readonly decided: ShareDecision;
  readonly loan: Loan & { readonly fromPurse: number; readonly purseUsed: number };
  readonly binding: readonly BindingLimit[];
  /** Monotonic milliseconds, no later than when others see it. */
  readonly asked: number;
}

async function askForShare(
  environment: RunEnvironment,
  caller: Caller,
  { shared: { gate, day, purse }, requestNow, isFirst }: Asking,
): Promise<Asked> {
  const { clock } = environment;
  const { provider } = caller;
  const demand = gate.takeDemand();
  return await caller.fenced(async (transaction) => {
    const asked = clock.monotonic();
    const allowance = await lockAllowance(transaction, provider);
    const { shares, now, pause } = allowance;
    if (pause !== null) gate.pause(pause.leftMs, pause.why);
    const request = requestNow(demand);
    const decided = decideShare(shares, request, now);
    // What is let go of is out of use before anybody hears of it; what is new is used only once it is written.
    gate.narrow(decided.allowed);
    const lending = {
      limit: decided.dayCount,
      missing: request.isResting ? 0 : day.missing,
      // While it rests its limit binds nobody: the day may be above it when it comes back.
      unused: request.isResting ? day.giveBack() : 0,
      isRecounted: isFirst && !decided.isShared,
    };
    const loan = await lendDay(transaction, environment, { provider, allowance, lending });
    const lent = await lendFromPurse(transaction, purse, { allowance, job: caller.job, isFirst });
    const { windows } = requestNow(demand);
    await writeShares(transaction, provider, {
      shares: withShare(shares, { ...request, windows }, decided.allowed, now),
      day: loan.day,
      purses: lent.purses,
    });
    return {
      decided,
      loan: { ...loan, fromPurse: lent.calls, purseUsed: lent.used },
      asked,
      binding: request.isResting ? [] : findBindingLimits(shares, request, now),
    };
  });
}

interface Loan {
  readonly day: Allowance['day'];
  readonly calls: number;
}

interface Lending {
  readonly provider: string;
  readonly allowance: Allowance;
  readonly lending: {
    /** Null: nobody limits the day. */
    readonly limit: number | null;
    readonly missing: number;
    /** Lent before and given back. */
    readonly unused: number;
    /** Nobody else is there: what dead processes were lent and did not use is found again. */
    readonly isRecounted: boolean;
  };
}

/**
 * Lends what a job has too few of, as far as the day has some. Done twice, its first commit unheard, it has lent twice:
 * the day ends a little early then, never late.
 */
async function lendDay(
  transaction: Queryable,
  { clock, configuration: { timeZone } }: RunEnvironment,
  { provider, allowance: { day, now }, lending: { limit, missing, unused, isRecounted } }: Lending,
): Promise<Loan> {
  // What is not counted from here on is counted anew by whoever limits the day next.
  if (limit === null) return { day: null, calls: 0 };
  const isCurrent = day !== null && day.endsAt > now && !isRecounted;
  const here = clock.now();
  const used = isCurrent
    ? day.used - unused
    : await countCallsSince(transaction, provider, startOfDay(here, timeZone));
  const calls = Math.max(0, Math.min(missing, limit - used));
  const endsAt = isCurrent ? day.endsAt : now + startOfNextDay(here, timeZone).getTime() - here.getTime();
  return { day: { endsAt, used: used + calls }, calls };
}

/** Where the ledger can't be told, the share ends with its time. */
async function leaveAllowance(
  { logger }: RunEnvironment,
  caller: Caller,
  request: ShareRequest,
  { day: lentDay, purse }: SharedGate,
): Promise<void> {
  const unused = lentDay.giveBack();
  try {
    await caller.fenced(async (transaction) => {
      const { shares, day, purses, now } = await lockAllowance(transaction, caller.provider);
      await writeShares(transaction, caller.provider, {
        shares: withEnd(shares, request, now),
        day: day && { ...day, used: day.used - unused },
        purses: purse === null ? purses : giveBackToPurse(purses, purse),
      });
    });
  } catch (error) {
    logger.warn('the share of the allowance could not be given back', { error: String(error) });
  }
}
