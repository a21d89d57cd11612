import { findClaimingRuns, settleLostCalls } from '../../ledger/runs/claiming.ts';
import type { JobLockResult } from '../../ledger/locks/job-lock.ts';
import { isUnavailable, OvertakenError } from '../../ledger/ledger-port.ts';
import { noPatience } from '../../ledger/engine/patience.ts';
import { raiseEpoch, type RunRow } from '../../ledger/runs/run-table.ts';
import { lockJob } from '../lock/lock-job.ts';
import type { RunEnvironment } from '../run-environment.ts';

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

async function settleIfDead(
  environment: RunEnvironment,
  other: { readonly run_no: number; readonly job: string },
): Promise<number> {
  const { ledger } = environment;
  const asked = ledger.engine === 'embedded' ? null : await tryLock(environment, other.job);
  if (asked?.kind === 'held') return 0;
  let lost = 0;
  try {
    await ledger.transaction(async (transaction) => {
      // Done again after the database was gone, it may meet a process that has taken its job on meanwhile.
      await asked?.lock.fence(transaction);
      await raiseEpoch(transaction, other.run_no);
      // Done again after a commit that went unheard, it finds nothing that is left to settle.
      lost = Math.max(lost, (await settleLostCalls(transaction, other.run_no)).lost);
    });
  } catch (error) {
    if (!(error instanceof OvertakenError)) throw error;
  } finally {
    await asked?.lock.release();
  }
  return lost;
}

/** One try: who asks comes back in a second. So it does where the database is gone; its own statements wait for that. */
async function tryLock(
  environment: RunEnvironment,
  job: string,
): Promise<JobLockResult | { readonly kind: 'held' }> {
  try {
    return await lockJob(environment, job, { patience: noPatience, tries: 1 });
  } catch (error) {
    if (isUnavailable(error)) return { kind: 'held' };
    throw error;
  }
}
