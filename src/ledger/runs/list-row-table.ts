import { emptyClassCounts, type ClassCounts } from '../../domain/control-totals.ts';
import type { RowClass } from '../../domain/class.ts';
import type { ListRow } from '../../domain/list-row.ts';
import { OvertakenError, onlyRow, type Queryable, type RunLease } from '../ledger-port.ts';

/**
 * Stages one set of rows; the caller's sets of 500 to 1,000 measured best. A set whose commit went unheard is staged
 * again and finds its rows there; that none is left out for another's number is what the control totals prove.
 */
export async function stageRows(on: Queryable, lease: RunLease, rows: readonly ListRow[]): Promise<void> {
  const records = rows.map((row) => (row.content.kind === 'record' ? row.content : null));
  const rejections = rows.map((row) => (row.content.kind === 'rejected' ? row.content : null));
  const written = await on.query<{ fenced: number }>(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share),
     staged as (
       insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled, code, message)
       select fence.run_no, i.row_no, i.line, i.cells::text[], i.user_id, i.par,
              case when i.code is not null then 'rejected' end, i.code is not null, i.code, i.message
       from unnest($3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
              as i(row_no, line, cells, user_id, par, code, message), fence
       on conflict (run_no, row_no) do nothing)
     select count(*)::integer as fenced from fence`,
    [
      lease.runNo,
      lease.epoch,
      rows.map((row) => row.rowNo),
      rows.map((row) => row.line),
      rows.map((row) => arrayLiteral(row.cells)),
      records.map((record) => record?.userId ?? null),
      records.map((record) => record?.par ?? null),
      rejections.map((rejection) => rejection?.reason ?? null),
      rejections.map((rejection) => rejection?.message ?? null),
    ],
  );
  if (onlyRow(written).fenced === 0) throw new OvertakenError();
}

/** Postgres' text form of a text[]; rows of different lengths can't be one two-dimensional parameter. */
function arrayLiteral(cells: readonly string[]): string {
  return `{${cells.map((cell) => `"${cell.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

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
