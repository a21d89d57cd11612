import {
  decideShare,
  LEASE_MS,
  withEnd,
  withShare,
  type ShareDecision,
  type ShareRequest,
} from '../dispatch/allowance-shares.ts';
import type { LentBudget } from '../dispatch/lent-budget.ts';
import type { PermitGate } from '../dispatch/permit-gate.ts';
import type { RateLimit } from '../dispatch/permit-windows.ts';
import { lockAllowance, writeShares, type Allowance } from '../ledger/allowance-table.ts';
import { countCallsSince } from '../ledger/attempt-table.ts';
import { startOfDay, startOfNextDay } from '../domain/calendar-day.ts';
import { fencedTransaction, type Queryable } from '../ledger/ledger-port.ts';
import type { RunInHand } from './continue-run.ts';
import type { RunEnvironment } from './run-environment.ts';

/** How soon a job that comes gets its part of an allowance one job has alone, and how soon parts follow what is needed. */
const BEAT_ALONE_MS = 1_000;
const BEAT_SHARED_MS = 250;

/** What a gate may use is decided with other jobs' processes. */
export interface SharedGate {
  readonly gate: PermitGate;
  /** In the order of the gate's. */
  readonly limits: readonly RateLimit[];
  /** Also where this job names no limit by the day: another one may. */
  readonly day: LentBudget;
  /** Null: this job names none. */
  readonly dayCount: number | null;
}

/** A live run's part in its provider's allowance, asked for again and again until it leaves. */
export interface AllowanceLease {
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
  inHand: RunInHand,
  { gate, limits, day, dayCount }: SharedGate,
): Promise<AllowanceLease> {
  const { ledger, clock } = environment;
  const { provider, job } = inHand.run;
  const left = new AbortController();

  function windows(): ShareRequest['windows'] {
    const { out } = gate;
    return limits.map((limit, at) => ({ ...limit, out: out[at] ?? 0 }));
  }

  async function beat(isFirst: boolean): Promise<ShareDecision> {
    const demand = { job, dayCount, ...gate.takeDemand() };
    let asked = 0;
    const { decided: decision, loan } = await fencedTransaction(ledger, inHand.lease, async (transaction) => {
      asked = clock.monotonic();
      const allowance = await lockAllowance(transaction, provider);
      const { shares, now } = allowance;
      const decided = decideShare(shares, { ...demand, windows: windows() }, now);
      const isRecounted = isFirst && !decided.isShared;
      const lending = { limit: decided.dayCount, missing: day.missing, isRecounted };
      const lent = await lendDay(transaction, environment, { provider, allowance, lending });
      // What is let go of is out of use before anybody hears of it; what is new is used only once it is written.
      gate.narrow(decided.allowed);
      const written = withShare(shares, { ...demand, windows: windows() }, decided.allowed, now);
      await writeShares(transaction, provider, written, lent.day);
      return { decided, loan: lent };
    });
    if (decision.dayCount === null || loan.day === null) day.unlimit();
    else day.lend(loan.calls, { limit: decision.dayCount, used: loan.day.used });
    gate.allow(decision.allowed, asked + LEASE_MS);
    return decision;
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
      const request = { job, dayCount, ...gate.takeDemand(), windows: windows() };
      await leaveAllowance(environment, inHand, request, day.giveBack());
    },
  };
}

interface Lending {
  readonly provider: string;
  readonly allowance: Allowance;
  readonly lending: {
    /** Null: nobody limits the day. */
    readonly limit: number | null;
    readonly missing: number;
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
  { provider, allowance: { day, now }, lending: { limit, missing, isRecounted } }: Lending,
): Promise<{ day: Allowance['day']; calls: number }> {
  if (limit === null) return { day, calls: 0 };
  const isCurrent = day !== null && day.endsAt > now && !isRecounted;
  const here = clock.now();
  const used = isCurrent
    ? day.used
    : await countCallsSince(transaction, provider, startOfDay(here, timeZone));
  const calls = Math.max(0, Math.min(missing, limit - used));
  const endsAt = isCurrent ? day.endsAt : now + startOfNextDay(here, timeZone).getTime() - here.getTime();
  return { day: { endsAt, used: used + calls }, calls };
}

/** Where the ledger can't be told, the share ends with its time. */
async function leaveAllowance(
  { ledger, logger }: RunEnvironment,
  { run, lease }: RunInHand,
  request: ShareRequest,
  unused: number,
): Promise<void> {
  try {
    await fencedTransaction(ledger, lease, async (transaction) => {
      const { shares, day, now } = await lockAllowance(transaction, run.provider);
      const left = day && { ...day, used: day.used - unused };
      await writeShares(transaction, run.provider, withEnd(shares, request, now), left);
    });
  } catch (error) {
    logger.warn('the share of the allowance could not be given back', { error: String(error) });
  }
}
