import { endBy } from '../../domain/exit-cause.ts';
import { ListRefusedError, refuseChangedFile } from '../../intake/list-errors.ts';
import type { OpenedList } from '../../intake/opened-list.ts';
import type { RunFence } from '../../ledger/ledger-port.ts';
import { refuseRun } from '../../ledger/runs/staging-runs.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import { stageSets } from './stage-sets.ts';
import type { LockedEnvironment, StopSignal } from '../run-environment.ts';
import { StoppedWhileStagingError } from '../lock/stopped-early.ts';

/**
 * Stages every row of the list. Where the list is refused in its middle, or its bytes have changed since they were
 * hashed, the run ends in state refused without rows and the error is rethrown. `sha256` null: not hashed yet.
 */
export async function stageList(
  environment: LockedEnvironment,
  fence: RunFence,
  list: OpenedList,
  sha256: string | null,
): Promise<void> {
  const { stop, ledger, signals } = environment;
  await orRefuse(environment, fence, async () => {
    try {
      await stageSets(ledger, fence, list.rows(stop), () => {
        signals.reached('rows_staged');
      });
      stop.throwIfAborted();
    } catch (error) {
      if (stop.aborted && error === stop.reason)
        throw new StoppedWhileStagingError(stop.reason as StopSignal);
      throw error;
    }
    if (sha256 !== null && list.sha256() !== sha256) throw refuseChangedFile(list.name);
  });
}

/** Does `work`. Where it refuses the list, the run ends in state refused without rows, and the error is rethrown. */
export async function orRefuse(
  environment: LockedEnvironment,
  fence: RunFence,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ListRefusedError) {
      const end = { ...endBy('list_refused', error.message), finishedAt: environment.clock.now() };
      await jobTransaction(environment, async (transaction) => {
        await refuseRun(transaction, fence.runNo, end);
      });
    }
    throw error;
  }
}
