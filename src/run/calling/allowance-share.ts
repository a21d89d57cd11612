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

/**
 * How often a job asks for its share while it has the allowance alone, and while it shares it: a newcomer waits so
 * long.
 */
const BEAT_ALONE_MS = 1_000;
const BEAT_SHARED_MS = 250;

/**
 * A job that can't call for so long stops binding the others by its limits. It gets its share again when it can call.
 */
const RESTS_FROM_MS = 3_000;

/** A gate whose share is decided together with the processes of other jobs. */
export interface SharedGate {
  readonly gate: PermitGate;
  /** In the order in which the gate has them. */
  readonly limits: readonly RateLimit[];
  /** Present even where this job names no daily limit, because another job may name one. */
  readonly day: LentBudget;
  /** The daily limit this job names; null: none. */
  readonly dayCount: number | null;
  /** Null where nothing limits the calls of this job's night, or where a person's request has a purse of its own. */
  readonly purse: SharedPurse | null;
  /** Called with each beat. */
  readonly lookForPause: PauseWatch['look'];
}

/** A live run's share of its provider's allowance. It is asked for again and again until the run leaves. */
export interface AllowanceShare {
  readonly isShared: boolean;
  /** Gives the share back, except for permits whose window has not passed yet. */
  leave(): Promise<void>;
}

/**
 * Keeps a gate within what other jobs' processes leave of the provider's limits. When the ledger does not answer, the
 * share runs out and nothing is sent. When the ledger fails, the gate fails with the same error.
 */
export async function joinAllowance(
  environment: RunEnvironment,
  caller: Caller,
  shared: SharedGate,
): Promise<AllowanceShare> {
  const { gate, limits, day, purse, lookForPause } = shared;
  const { clock } = environment;
  const left = new AbortController();
  const requestNow = createRequests(environment, caller, shared);
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

/** Makes the request for a share from what the gate needs now. */
type RequestNow = (demand: ShareDemand) => ShareRequest;

function createRequests(
  { clock, configuration }: RunEnvironment,
  { job, size: rows }: Caller,
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
    return { job, rows, dayCount, windows, wants: wants && !isResting, fraction, isResting };
  };
}

/** Tells of each limit of another job that binds this run, once. */
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
  /** Monotonic milliseconds; no later than the moment in which others see the share. */
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
    // Shrink our gate before the smaller share is published; grow it only after the larger one is committed.
    gate.narrow(decided.allowed);
    const lending = {
      limit: decided.dayCount,
      missing: request.isResting ? 0 : day.missing,
      // While the job rests, its limit binds nobody: the day's calls may exceed that limit when the job comes back.
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
    /** The lowest daily limit any job names; null: no job names one. */
    readonly limit: number | null;
    readonly missing: number;
    /** Calls that were lent before and are given back. */
    readonly unused: number;
    /**
     * True where no other process is there: a count of the day's calls then frees what dead processes had been lent.
     */
    readonly isRecounted: boolean;
  };
}

/**
 * Lends the calls a job is missing, as far as the day has some left. When the first commit went unheard and the
 * statement runs twice, it lends twice: the day then ends a little early, never late.
 */
async function lendDay(
  transaction: Queryable,
  { clock, configuration: { timeZone } }: RunEnvironment,
  { provider, allowance: { day, now }, lending: { limit, missing, unused, isRecounted } }: Lending,
): Promise<Loan> {
  // Keep no count: the next job that limits the day counts the day's calls anew.
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

/** Gives the share back. Where the ledger can't be reached, the share runs out by itself. */
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
