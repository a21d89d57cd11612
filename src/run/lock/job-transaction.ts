import type { Queryable } from '../../ledger/ledger-port.ts';
import type { LockedEnvironment } from '../run-environment.ts';

/**
 * A transaction for what no run's epoch guards: to begin, take on, close or drop a run of the job. Rejects with
 * OvertakenError, having changed nothing, where the job's lock is another process's by now. `work` is done again when
 * its commit went unheard, see createPatientLedger.
 */
export async function jobTransaction<Result>(
  environment: LockedEnvironment,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  return await environment.ledger.transaction(async (transaction) => {
    await environment.lock.fence(transaction);
    return await work(transaction);
  });
}
