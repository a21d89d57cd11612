import { findClaimingRuns, settleLostCalls } from '../../ledger/runs/claiming.ts';
import type { JobLockResult } from '../../ledger/locks/job-lock.ts';
import { isUnavailable, OvertakenError } from '../../ledger/ledger-port.ts';
import { noPatience } from '../../ledger/engine/patience.ts';
import { raiseEpoch, type RunRow } from '../../ledger/runs/run-table.ts';
import { lockJob } from '../lock/lock-job.ts';
import type { RunEnvironment } from '../run-environment.ts';

/**
 * Releases records of this list that are claimed by runs of other jobs whose process is dead. The job's lock is the
 * proof of death: we touch its run only with that lock in hand, and then do what its own next start would do. Resolves
 * with the number of calls of those processes that may have left as late as now.
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
      // When this is repeated after the database was gone, another process may have taken the job on meanwhile.
      await asked?.lock.fence(transaction);
      await raiseEpoch(transaction, other.run_no);
      // When this is repeated after a commit that went unheard, nothing is left to settle, so keep the larger count.
      lost = Math.max(lost, (await settleLostCalls(transaction, other.run_no)).lost);
    });
  } catch (error) {
    if (!(error instanceof OvertakenError)) throw error;
  } finally {
    await asked?.lock.release();
  }
  return lost;
}

/**
 * Tries once; the caller polls every second. An unreachable database counts as held: the caller's statements wait for
 * it.
 */
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
