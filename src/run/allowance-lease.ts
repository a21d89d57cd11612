import {
  decideShare,
  LEASE_MS,
  withEnd,
  withShare,
  type ShareDecision,
  type ShareRequest,
} from '../dispatch/allowance-shares.ts';
import type { PermitGate } from '../dispatch/permit-gate.ts';
import type { RateLimit } from '../dispatch/permit-windows.ts';
import { lockAllowance, writeShares } from '../ledger/allowance-table.ts';
import { fencedTransaction } from '../ledger/ledger-port.ts';
import type { RunInHand } from './continue-run.ts';
import type { RunEnvironment } from './run-environment.ts';

/** How soon a job that comes gets its part of an allowance one job has alone, and how soon parts follow what is needed. */
const BEAT_ALONE_MS = 1_000;
const BEAT_SHARED_MS = 250;

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
  gate: PermitGate,
  limits: readonly RateLimit[],
): Promise<AllowanceLease> {
  const { ledger, clock } = environment;
  const { provider, job } = inHand.run;
  const left = new AbortController();

  function windows(): ShareRequest['windows'] {
    const { out } = gate;
    return limits.map((limit, at) => ({ ...limit, out: out[at] ?? 0 }));
  }

  async function beat(): Promise<ShareDecision> {
    const demand = { job, ...gate.takeDemand() };
    let asked = 0;
    const decision = await fencedTransaction(ledger, inHand.lease, async (transaction) => {
      asked = clock.monotonic();
      const { shares, now } = await lockAllowance(transaction, provider);
      const decided = decideShare(shares, { ...demand, windows: windows() }, now);
      // What is let go of is out of use before anybody hears of it; what is new is used only once it is written.
      gate.narrow(decided.allowed);
      const written = withShare(shares, { ...demand, windows: windows() }, decided.allowed, now);
      await writeShares(transaction, provider, written);
      return decided;
    });
    gate.allow(decision.allowed, asked + LEASE_MS);
    return decision;
  }

  async function keep(first: ShareDecision): Promise<void> {
    let { isShared } = first;
    while (!left.signal.aborted) {
      await clock.sleep(isShared ? BEAT_SHARED_MS : BEAT_ALONE_MS, left.signal);
      if (!left.signal.aborted) ({ isShared } = await beat());
    }
  }

  gate.allow(
    limits.map(() => 0),
    Infinity,
  );
  const first = await beat();
  const keeping = keep(first).catch((error: unknown) => {
    gate.fail(error);
  });
  return {
    isShared: first.isShared,
    leave: async () => {
      left.abort();
      await keeping;
      await leaveAllowance(environment, inHand, { job, ...gate.takeDemand(), windows: windows() });
    },
  };
}

/** Where the ledger can't be told, the share ends with its time. */
async function leaveAllowance(
  { ledger, logger }: RunEnvironment,
  { run, lease }: RunInHand,
  request: ShareRequest,
): Promise<void> {
  try {
    await fencedTransaction(ledger, lease, async (transaction) => {
      const { shares, now } = await lockAllowance(transaction, run.provider);
      await writeShares(transaction, run.provider, withEnd(shares, request, now));
    });
  } catch (error) {
    logger.warn('the share of the allowance could not be given back', { error: String(error) });
  }
}
