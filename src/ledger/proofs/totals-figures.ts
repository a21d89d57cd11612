import type { RowClass } from '../../domain/class.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';
import { SUCCESS_LIST } from '../success-list.ts';

/**
 * Until the transaction ends: proofs compare sets of a million rows, which the server's usual few megabytes would have
 * it do in files. Outside a transaction it changes nothing.
 */
export async function allowSortingInMemory(on: Queryable): Promise<void> {
  await on.query(`select set_config('work_mem', '64MB', true) as allowed`);
}

/** Rows of a run as they stand in the table. */
export async function countRows(on: Queryable, runNo: number): Promise<number> {
  return onlyRow(
    await on.query<{ rows: number }>('select count(*)::integer as rows from list_row where run_no = $1', [
      runNo,
    ]),
  ).rows;
}

export interface AttemptTotals {
  /** Null: calls whose row is not in the list. */
  readonly class: RowClass | null;
  /** What the rows say of their calls. */
  readonly said: number;
  /** Calls of the run that the attempt table holds. */
  readonly made: number;
}

/**
 * Calls that register, by the class of their row, from both tables; classes without any are left out. A full join: it
 * shows calls without a row too, and the planner, which knows nothing of rows just written, can do it by hash alone.
 */
export async function readAttemptTotals(on: Queryable, runNo: number): Promise<AttemptTotals[]> {
  return await on.query<AttemptTotals>(
    `select r.class, coalesce(sum(r.attempts), 0)::integer as said, coalesce(sum(a.calls), 0)::integer as made
     from (select row_no, coalesce(class, 'unprocessed') as class, attempts from list_row where run_no = $1) as r
     full join (select row_no, count(*) as calls from attempt where run_no = $1 and call = 'register' group by row_no) as a
       on a.row_no = r.row_no
     group by r.class having coalesce(sum(r.attempts), 0) > 0 or coalesce(sum(a.calls), 0) > 0`,
    [runNo],
  );
}

export interface SuccessTotals {
  /** Of the record's row in this run; null: it has none. */
  readonly class: RowClass | null;
  /** Rows that say a call of this run, or an inquiry, found success. */
  readonly rows: number;
  /** Of those: the record had its first success in another run. */
  readonly elsewhere: number;
  /** Of those: the status table knows of no success. */
  readonly unknown: number;
  /** Records whose first success is in this run. */
  readonly first: number;
}

/**
 * Success by the class of a record's row, from rows and status table; classes without any are left out. Repeats of a
 * record in the list stand for no record. By hash, as a full join.
 */
export async function readSuccessTotals(
  on: Queryable,
  { run_no, provider }: Pick<RunRow, 'run_no' | 'provider'>,
): Promise<SuccessTotals[]> {
  return await on.query<SuccessTotals>(
    `with joined as (
       select r.class, r.class in ${SUCCESS_LIST} as says, e.first_success_run_no as first
       from (select user_id, par, coalesce(class, 'unprocessed') as class from list_row
             where run_no = $1 and user_id is not null and class is distinct from 'duplicate') as r
       full join (select user_id, par, first_success_run_no from enrollment
                  where provider = $2 and first_success_run_no is not null) as e
         on e.user_id = r.user_id and e.par = r.par),
     counted as (
       select class, count(*) filter (where says)::integer as rows,
              count(*) filter (where says and first <> $1)::integer as elsewhere,
              count(*) filter (where says and first is null)::integer as unknown,
              count(*) filter (where first = $1)::integer as first
       from joined group by class)
     select * from counted where rows > 0 or first > 0`,
    [run_no, provider],
  );
}

export interface HeldSuccess {
  /** Rows that are already_done. */
  readonly rows: number;
  /** Of those: the record has a first success, and an attempt that gave it. */
  readonly proved: number;
}

/** By hash, as full joins: the planner knows nothing of rows just written. */
export async function readHeldSuccess(
  on: Queryable,
  { run_no, provider }: Pick<RunRow, 'run_no' | 'provider'>,
): Promise<HeldSuccess> {
  return onlyRow(
    await on.query<HeldSuccess>(
      `with held as materialized (
         select user_id, par from list_row where run_no = $1 and class = 'already_done'),
       records as materialized (
         select h.user_id, e.record_no
         from (select user_id, par, record_no from enrollment
               where provider = $2 and first_success_run_no is not null and exists (select 1 from held)) as e
              full join held h on h.user_id = e.user_id and h.par = e.par),
       enrolled as (
         select record_no from attempt where outcome in ${SUCCESS_LIST} and exists (select 1 from held) group by record_no)
       select (select count(*) from held)::integer as rows, count(enrolled.record_no)::integer as proved
       from (select record_no from records where user_id is not null and record_no is not null) as r
            full join enrolled on enrolled.record_no = r.record_no
       where r.record_no is not null`,
      [run_no, provider],
    ),
  );
}

export interface ListTotals {
  /** Rows that the list's own totals lines give. */
  readonly said: number;
  /** Rows in the lines they are about. */
  readonly staged: number;
}

/** Null where the list had no totals line with a count, or an older program read it. */
export async function readListTotals(on: Queryable, runNo: number): Promise<ListTotals | null> {
  const [totals] = await on.query<ListTotals>(
    `with told as (
       select (list_notes->'totals'->>'rows')::integer as rows, (list_notes->'totals'->>'afterLine')::integer as after_line,
              (list_notes->'totals'->>'throughLine')::integer as through_line
       from run where run_no = $1)
     select told.rows as said,
            (select count(*)::integer from list_row r
             where r.run_no = $1 and r.line > told.after_line and r.line < told.through_line) as staged
     from told where told.rows is not null`,
    [runNo],
  );
  return totals ?? null;
}
