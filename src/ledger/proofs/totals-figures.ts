import type { RowClass } from '../../domain/class.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';
import { SUCCESS_LIST } from '../sql-lists.ts';

/**
 * Raises the memory of the server's sorts and hashes until the transaction ends. Proofs compare sets of a million rows,
 * which its usual few megabytes would put into files. Outside a transaction this changes nothing.
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
 * Calls that register, by the class of their row, from both tables; classes without any are left out. Calls without a
 * row are shown too. A row is found by its key where the planner, which knows nothing of rows just written, takes it
 * for that.
 */
export async function readAttemptTotals(on: Queryable, runNo: number): Promise<AttemptTotals[]> {
  return await on.query<AttemptTotals>(
    `select class, sum(said)::integer as said, sum(made)::integer as made
     from (select coalesce(class, 'unprocessed') as class, sum(attempts) as said, 0 as made
           from list_row where run_no = $1 group by 1
           union all
           select case when r.run_no is not null then coalesce(r.class, 'unprocessed') end, 0, count(*)
           from attempt a left join list_row r on r.run_no = $1 and r.row_no = a.row_no
           where a.run_no = $1 and a.call = 'register' group by 1) as calls
     group by class having sum(said) > 0 or sum(made) > 0`,
    [runNo],
  );
}

export interface SuccessTotals {
  /** Class of the record's row in this run. Null: the record has no row. */
  readonly class: RowClass | null;
  /** Rows that say a call of this run, or an inquiry, found success. */
  readonly rows: number;
  /** How many of these rows have a record whose first success was in another run. */
  readonly elsewhere: number;
  /** How many of these rows have a record without a success in the status table. */
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
  /** How many of these rows have a record with a first success and the attempt that gave it. */
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
       proved as (
         select count(*) from records r where r.user_id is not null and exists (
           select 1 from attempt a where a.record_no = r.record_no and a.outcome in ${SUCCESS_LIST}))
       select (select count(*) from held)::integer as rows, (select count from proved)::integer as proved`,
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
