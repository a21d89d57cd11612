import { emptyClassCounts, type ClassCounts } from '../../domain/control-totals.ts';
import type { RowClass } from '../../domain/class.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** Removes the rows of a run that was killed while staging, which stages again. */
export async function deleteRows(on: Queryable, runNo: number): Promise<void> {
  await on.query('delete from list_row where run_no = $1', [runNo]);
}

/** Counts rows by class as they stand now. A row without a class counts as unprocessed. */
export async function countClasses(on: Queryable, runNo: number): Promise<ClassCounts> {
  return (await countRowsNow(on, runNo)).classes;
}

export interface RowCounts {
  /** As countClasses. */
  readonly classes: ClassCounts;
  /** Rows that the run has still to call. */
  readonly due: number;
}

/** Counts rows by class, and those that are due, in one reading of the list. */
export async function countRowsNow(on: Queryable, runNo: number): Promise<RowCounts> {
  const rows = await on.query<{ class: RowClass; rows: number; due: number }>(
    `select coalesce(class, 'unprocessed') as class, count(*)::integer as rows,
            count(*) filter (where not settled)::integer as due
     from list_row where run_no = $1 group by 1`,
    [runNo],
  );
  const classes = emptyClassCounts();
  let due = 0;
  for (const row of rows) {
    classes[row.class] = row.rows;
    due += row.due;
  }
  return { classes, due };
}

/** Counts rows that this run has still to call. */
export async function countDueRows(on: Queryable, runNo: number): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    'select count(*)::integer as rows from list_row where run_no = $1 and not settled',
    [runNo],
  );
  return onlyRow(rows).rows;
}

/**
 * Settles the rows that are left when a run ends for good. A row that was never called becomes unprocessed; a called
 * row keeps the class of its last call.
 */
export async function settleLeftRows(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update list_row set class = coalesce(class, 'unprocessed'), settled = true where run_no = $1 and not settled`,
    [runNo],
  );
}

/** Undoes that for a run that is continued after all, so that it calls the rows that were left. */
export async function reopenLeftRows(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update list_row set class = null, settled = false where run_no = $1 and class = 'unprocessed'`,
    [runNo],
  );
}

/** Gives new attempts, in a continued run, to records that used theirs up while the provider was not there. */
export async function reopenUnansweredRows(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update list_row set settled = false
     where run_no = $1 and settled and not kept and class in ('transient', 'ambiguous')`,
    [runNo],
  );
}
