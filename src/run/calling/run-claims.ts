import type { Canary } from '../../dispatch/guards/canary.ts';
import type { PermitGate } from '../../dispatch/gate/permit-gate.ts';
import { claimFree, claimSpread, type ClaimedSet } from '../../ledger/runs/claiming.ts';
import { fencedTransaction } from '../../ledger/ledger-port.ts';
import { countUnclaimedRows } from '../../ledger/runs/other-runs.ts';
import { noteCanary } from '../../ledger/runs/run-findings.ts';
import { createCanaryClaims } from './canary-claims.ts';
import { createClaimSource } from './claim-source.ts';
import type { RunInHand } from '../start/continue-run.ts';
import { justLeft } from './open-gate.ts';
import { settleKnown } from '../start/plan-run.ts';
import type { RunEnvironment } from '../run-environment.ts';
import { settleDeadRuns } from './settle-dead-runs.ts';

export interface ClaimParts {
  readonly gate: PermitGate;
  readonly stop: AbortSignal;
  /** Claimed by this process, their end not written yet. */
  readonly held: Set<string>;
  readonly canary: Canary | null;
  /** What `--limit` leaves for this list; null: all. */
  readonly limit: number | null;
  /** Rows due when the process began to call. */
  readonly due: number;
}

/** The sets of a run's records in the order they are called: the canary, where there is one, before all others. */
export function createRunClaims(
  environment: RunEnvironment,
  inHand: RunInHand,
  parts: ClaimParts,
): () => Promise<ClaimedSet | null> {
  const { canary, stop } = parts;
  const { ledger, clock } = environment;
  if (canary === null) return createRest(environment, inHand, parts, 0);
  return createCanaryClaims({
    canary,
    claim: async (count) => await claimCanary(environment, inHand, parts, count),
    claimFurther: async (count) => await claimFurther(environment, inHand, parts, count),
    passed: async () => {
      await fencedTransaction(ledger, inHand.lease, async (transaction) => {
        await noteCanary(transaction, inHand.run.run_no, 'passed');
      });
    },
    startRest: (taken) => createRest(environment, inHand, parts, taken),
    clock,
    stop,
  });
}

async function claimCanary(
  { ledger, signals }: RunEnvironment,
  inHand: RunInHand,
  { held, due }: ClaimParts,
  count: number,
): Promise<ClaimedSet> {
  const spread = { provider: inHand.run.provider, inHand: held, count, due };
  const set = await claimSpread(ledger, inHand.lease, spread);
  hold(set, held, signals);
  return set;
}

async function claimFurther(
  environment: RunEnvironment,
  inHand: RunInHand,
  { gate, held }: ClaimParts,
  count: number,
): Promise<ClaimedSet | null> {
  const { ledger, signals } = environment;
  await settleOthers(environment, inHand, gate);
  const set = await claimFree(ledger, inHand.lease, { provider: inHand.run.provider, inHand: held }, count);
  hold(set, held, signals);
  if (set.records.length > 0) return set;
  return (await countUnclaimedRows(ledger, inHand.run.run_no)) === 0 ? null : set;
}

function hold(set: ClaimedSet, held: Set<string>, signals: RunEnvironment['signals']): void {
  for (const { recordNo } of set.records) held.add(recordNo);
  if (set.records.length > 0) signals.reached('claimed');
}

/** Settles what other runs have dealt with meanwhile, and frees what dead ones hold. */
async function settleOthers(
  environment: RunEnvironment,
  { run, lease }: RunInHand,
  gate: PermitGate,
): Promise<void> {
  const { ledger, configuration } = environment;
  gate.fillWith(justLeft(await settleDeadRuns(environment, run)));
  await fencedTransaction(ledger, lease, async (transaction) => {
    await settleKnown(transaction, run, configuration.retry.nights);
  });
}

function createRest(
  environment: RunEnvironment,
  inHand: RunInHand,
  { gate, stop, held, limit }: ClaimParts,
  taken: number,
): () => Promise<ClaimedSet | null> {
  const { ledger, clock, signals } = environment;
  return createClaimSource({
    ledger,
    lease: inHand.lease,
    provider: inHand.run.provider,
    limit: limit === null ? null : limit - taken,
    clock,
    stop,
    inHand: held,
    claimed: () => {
      signals.reached('claimed');
    },
    settleOthers: async () => {
      await settleOthers(environment, inHand, gate);
    },
  });
}
