import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { ListRefusedError, type OpenedList } from '../intake/list-source.ts';
import type { RunLease } from '../ledger/ledger-port.ts';
import { stageRows } from '../ledger/list-row-table.ts';
import { refuseRun } from '../ledger/run-table.ts';
import { jobTransaction } from './job-transaction.ts';
import { exitCodeOfSignal, type LockedEnvironment, type StopSignal } from './run-environment.ts';

/** The process was asked to stop before a call was made: the run stages again next time. */
export class StoppedWhileStagingError extends Error {
  readonly code = 'STOPPED_WHILE_STAGING';
  readonly exitCode: ExitCode;
  constructor(signal: StopSignal) {
    super(`stopped by ${signal} while the list was being read; nothing was called`);
    this.exitCode = exitCodeOfSignal(signal);
  }
}

/**
 * Stages every row of the list. A list refused in its middle leaves a run in state refused, without rows, and the
 * error goes on to the caller; so does a file whose bytes changed since they were hashed.
 */
export async function stageList(
  environment: LockedEnvironment,
  lease: RunLease,
  list: OpenedList,
  sha256: string,
): Promise<void> {
  try {
    for await (const rows of list.rows()) {
      if (environment.stop.aborted) throw new StoppedWhileStagingError(environment.stop.reason as StopSignal);
      await stageRows(environment.ledger, lease, rows);
      environment.signals.reached('rows_staged');
    }
    if (list.sha256() !== sha256) throw changedWhileRead(list.name);
  } catch (error) {
    if (error instanceof ListRefusedError) {
      const end = {
        exitCode: exitCodes.listRefused,
        exitReason: error.message,
        finishedAt: environment.clock.now(),
      };
      await jobTransaction(environment, async (transaction) => {
        await refuseRun(transaction, lease.runNo, end);
      });
    }
    throw error;
  }
}

function changedWhileRead(file: string): ListRefusedError {
  return new ListRefusedError({
    reason: 'changed',
    file,
    line: null,
    column: null,
    what: 'the file changed while it was being read',
    advice: 'wait until it is written to its end and run it again',
  });
}
