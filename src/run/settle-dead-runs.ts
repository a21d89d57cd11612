import { findClaimingRuns, settleLostCalls } from '../ledger/claiming.ts';
import { raiseEpoch, type RunRow } from '../ledger/run-table.ts';
import { lockJob } from './lock-job.ts';
import type { RunEnvironment } from './run-environment.ts';

/**
 * Frees the records of this run that a run of another job holds and whose process is dead. The proof of death is
 * that job's own lock: only with it in hand is its run touched, and then as its own next start would.
 */
export async function settleDeadRuns(environment: RunEnvironment, run: RunRow): Promise<void> {
  const { ledger } = environment;
  for (const other of await findClaimingRuns(ledger, run.run_no, run.provider)) {
    await settleIfDead(environment, other);
  }
}

async function settleIfDead(
  environment: RunEnvironment,
  other: { readonly run_no: number; readonly job: string },
): Promise<void> {
  const { ledger, address, me, clock } = environment;
  const isEmbedded = ledger.engine === 'embedded';
  const lock = isEmbedded ? null : await lockJob(ledger, address, other.job, me, clock);
  if (lock?.kind === 'held') return;
  try {
    await ledger.transaction(async (transaction) => {
      await raiseEpoch(transaction, other.run_no);
      await settleLostCalls(transaction, other.run_no);
    });
  } finally {
    await lock?.lease.release();
  }
}
