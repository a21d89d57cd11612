import { findClaimingRuns, settleLostCalls } from '../ledger/claiming.ts';
import { raiseEpoch, type RunRow } from '../ledger/run-table.ts';
import { lockJob } from './lock-job.ts';
import type { RunEnvironment } from './run-environment.ts';

/**
 * Frees the records of this run that a run of another job holds and whose process is dead. The proof of death is
 * that job's own lock: only with it in hand is its run touched, and then as its own next start would.
 * Returns how many calls of those processes may have been sent up to now.
 */
export async function settleDeadRuns(environment: RunEnvironment, run: RunRow): Promise<number> {
  const { ledger } = environment;
  let lost = 0;
  for (const other of await findClaimingRuns(ledger, run.run_no, run.provider)) {
    lost += await settleIfDead(environment, other);
  }
  return lost;
}

/** One try for the lock: who asks comes back in a second. */
async function settleIfDead(
  environment: RunEnvironment,
  other: { readonly run_no: number; readonly job: string },
): Promise<number> {
  const { ledger } = environment;
  const lock = ledger.engine === 'embedded' ? null : await lockJob(environment, other.job, 1);
  if (lock?.kind === 'held') return 0;
  try {
    return await ledger.transaction(async (transaction) => {
      await raiseEpoch(transaction, other.run_no);
      return (await settleLostCalls(transaction, other.run_no)).lost;
    });
  } finally {
    await lock?.lease.release();
  }
}
