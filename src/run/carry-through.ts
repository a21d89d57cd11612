import { meaningOf } from '../domain/exit-cause.ts';
import { exitCodes } from '../domain/exit-code.ts';
import { describeStop } from './calling/describe-stop.ts';
import { OvertakenError } from '../ledger/ledger-port.ts';
import { countRowsNow } from '../ledger/runs/list-row-table.ts';
import { readFirstRejected } from '../ledger/runs/preview.ts';
import { readRun } from '../ledger/runs/run-table.ts';
import type { RunInHand } from './start/continue-run.ts';
import { dispatchRun } from './calling/dispatch-run.ts';
import { finishRun } from './finish/finish-run.ts';
import type { LockedEnvironment, RunResult } from './run-environment.ts';

/** Rejected rows shown at the start; for the others a person looks into rejected.csv. */
const REJECTIONS_TOLD = 3;

/** Takes a planned run to its end: makes the calls, proves the totals, writes the folder. */
export async function carryThrough(environment: LockedEnvironment, planned: RunInHand): Promise<RunResult> {
  const { ledger, lock, observer, logger } = environment;
  const run = await readRun(ledger, planned.run.run_no);
  const inHand = { ...planned, run };
  lock.publish({ runId: run.id, rowsRead: run.rows_read ?? 0, calls: 0 });
  const { classes, due } = await countRowsNow(ledger, run.run_no);
  const firstRejected =
    classes.rejected === 0 ? [] : await readFirstRejected(ledger, run.run_no, REJECTIONS_TOLD);
  observer.listStaged({ rowsRead: run.rows_read ?? 0, classes, firstRejected, due });
  logger.info('run planned', { run: run.id, rows: run.rows_read, due });
  const stopped = await dispatchRun(environment, inHand, due);
  logger.info('calls ended', { run: run.id, ...describeStop(stopped) });
  if (stopped?.kind === 'overtaken') throw new OvertakenError();
  if (stopped?.kind === 'ledger') throw stopped.error;
  const result = await finishRun(environment, inHand, stopped);
  const { urgency } = meaningOf(result.exitCause);
  const level = urgency === 'wake' ? 'error' : urgency === 'today' ? 'warn' : 'info';
  logger[level]('run folder written', {
    run: run.id,
    exitCode: result.exitCode,
    exitCause: result.exitCause,
    reason: result.reason,
  });
  return endWithBroken(result, planned.brokenTotals);
}

/** Makes the process end with 9 where the totals of the superseded run are broken, even when this run is well. */
function endWithBroken(result: RunResult, brokenTotals: string | null): RunResult {
  if (brokenTotals === null) return result;
  const own = result.exitCode === exitCodes.totalsDisagree ? `${result.reason}; ` : '';
  return { ...result, exitCode: exitCodes.totalsDisagree, exitCause: 'totals', reason: own + brokenTotals };
}
