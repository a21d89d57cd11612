import { emptyClassCounts, type ClassCounts } from '../../domain/control-totals.ts';
import type { RowClass } from '../../domain/class.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** A run killed while staging stages again. */
export async function deleteRows(on: Queryable, runNo: number): Promise<void> {
  await on.query('delete from list_row where run_no = $1', [runNo]);
}

/** Rows by class as they stand; a row without a class yet counts as unprocessed. */
export async function countClasses(on: Queryable, runNo: number): Promise<ClassCounts> {
  const rows = await on.query<{ class: RowClass; rows: number }>(
    `select coalesce(class, 'unprocessed') as class, count(*)::integer as rows
     from list_row where run_no = $1 group by 1`,
    [runNo],
  );
  const counts = emptyClassCounts();
  for (const row of rows) counts[row.class] = row.rows;
  return counts;
}

/** Rows by class that a person has settled; a class it can't happen to counts 0. */
export async function countResolved(on: Queryable, runNo: number): Promise<ClassCounts> {
  const rows = await on.query<{ class: RowClass; rows: number }>(
    `select class, count(*)::integer as rows from list_row
     where run_no = $1 and resolution_no is not null group by 1`,
    [runNo],
  );
  const counts = emptyClassCounts();
  for (const row of rows) counts[row.class] = row.rows;
  return counts;
}

/** Rows by the code that stands on them; rejected rows carry reasons, not provider codes, and are left out. */
export async function countCodes(on: Queryable, runNo: number): Promise<Record<string, number>> {
  const rows = await on.query<{ code: string; rows: number }>(
    `select code, count(*)::integer as rows from list_row
     where run_no = $1 and code is not null and class <> 'rejected' group by code order by code collate "C"`,
    [runNo],
  );
  return Object.fromEntries(rows.map((row) => [row.code, row.rows]));
}

/** Rows still to be called in this run. */
export async function countDueRows(on: Queryable, runNo: number): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    'select count(*)::integer as rows from list_row where run_no = $1 and not settled',
    [runNo],
  );
  return onlyRow(rows).rows;
}

/**
 * A run that ends for good settles what is left: never called becomes unprocessed, called keeps the class of its
 * last call.
 */
export async function settleLeftRows(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update list_row set class = coalesce(class, 'unprocessed'), settled = true where run_no = $1 and not settled`,
    [runNo],
  );
}

/** The other way round: a run that is continued after all calls what was left. */
export async function reopenLeftRows(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update list_row set class = null, settled = false where run_no = $1 and class = 'unprocessed'`,
    [runNo],
  );
}

/** A run that met no provider gives the records that used up their attempts on it new ones when it is continued. */
export async function reopenUnansweredRows(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update list_row set settled = false
     where run_no = $1 and settled and not kept and class in ('transient', 'ambiguous')`,
    [runNo],
  );
}
