import type { Queryable } from '../ledger-port.ts';
import { deleteRows } from './list-row-table.ts';
import { noteRunEnd, setRunState, type RunEnd } from './run-table.ts';

/** Of a run that was staged earlier and has its turn now. */
export async function noteBegin(
  on: Queryable,
  runNo: number,
  begin: { readonly startedAt: Date; readonly night: string },
): Promise<void> {
  await on.query('update run set started_at = $2::timestamptz, night = $3::date where run_no = $1', [
    runNo,
    begin.startedAt.toISOString(),
    begin.night,
  ]);
}

/** Removes a run whose list was read and never begun, so that it called nobody. */
export async function dropStagingRun(transaction: Queryable, runNo: number): Promise<void> {
  await deleteRows(transaction, runNo);
  await transaction.query(`delete from run where run_no = $1 and state = 'staging'`, [runNo]);
}

/**
 * Removes all such runs of a job. With the job locked they were left by a dead process, or their list was not begun.
 */
export async function dropStagingRuns(transaction: Queryable, job: string): Promise<void> {
  await transaction.query(
    `delete from list_row where run_no in (select run_no from run where job = $1 and state = 'staging')`,
    [job],
  );
  await transaction.query(`delete from run where job = $1 and state = 'staging'`, [job]);
}

/** Keeps a run as refused for the content of its list. It has no rows and can't be continued. */
export async function refuseRun(transaction: Queryable, runNo: number, end: RunEnd): Promise<void> {
  await deleteRows(transaction, runNo);
  await noteRunEnd(transaction, runNo, end);
  await setRunState(transaction, runNo, 'refused');
}
