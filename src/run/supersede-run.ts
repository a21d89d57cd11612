import { exitCodes } from '../domain/exit-code.ts';
import { settleLostCalls } from '../ledger/claiming.ts';
import { settleLeftRows } from '../ledger/list-row-table.ts';
import {
  findUnfinishedRun,
  noteRunEnd,
  raiseEpoch,
  readRun,
  supersedeRun,
  type RunRow,
} from '../ledger/run-table.ts';
import { proveControlTotals } from '../reconcile/control-totals.ts';
import { writeRunFolder } from '../report/run-folder.ts';
import type { RunEnvironment } from './run-environment.ts';

/**
 * Closes the job's unfinished run, if there is one, for good: its rows settled, its totals proved, its folder written,
 * and only then its state. Killed in between, it can still be continued, or is closed by the next start.
 */
export async function supersedeUnfinishedRun(environment: RunEnvironment, byRunId: string): Promise<void> {
  const { ledger, configuration, clock } = environment;
  const old = await findUnfinishedRun(ledger, configuration.job);
  if (old === null) return;
  await ledger.transaction(async (transaction) => {
    await raiseEpoch(transaction, old.run_no);
    await settleLostCalls(transaction, old.run_no);
    await settleLeftRows(transaction, old.run_no);
    await noteRunEnd(transaction, old.run_no, {
      exitCode: exitCodes.stoppedByGuard,
      exitReason: `superseded by ${byRunId}, a run on another list`,
      finishedAt: clock.now(),
    });
  });
  await writeSupersededFolder(environment, old);
  await supersedeRun(ledger, old.run_no, byRunId);
}

async function writeSupersededFolder(environment: RunEnvironment, old: RunRow): Promise<void> {
  const { ledger, configuration, logger, signals } = environment;
  const closed = await readRun(ledger, old.run_no);
  const totals = await proveControlTotals(ledger, closed);
  for (const sentence of totals.broken) logger.error('totals of a superseded run do not agree', { sentence });
  await writeRunFolder({
    ledger,
    runNo: old.run_no,
    reportsDirectory: configuration.reportsDirectory,
    state: 'superseded',
    totalsAgree: totals.broken.length === 0,
    nightsLimit: configuration.retry.nights,
    signals,
  });
}
