import type { Queryable } from '../ledger-port.ts';
import { COMES_AGAIN_LIST, NEEDS_PERSON_LIST, SUCCESS_LIST } from '../sql-lists.ts';

/** What decides, besides the ledger, whether a row's record is called. */
export interface PlanRules {
  readonly runNo: number;
  readonly provider: string;
  /** Tonight, yyyy-MM-dd. */
  readonly night: string;
  /** retry.nights. */
  readonly nights: number;
  /** `--again`: records we hold as success are called too. */
  readonly again: boolean;
  /** True where a person asked for these records (retry, a handed-back list): kept classes don't hold them back. */
  readonly requested: boolean;
}

/** Marks every row whose record stands earlier in the list. */
export async function markDuplicates(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `with numbered as (
       select row_no, min(row_no) over (partition by user_id, par) as first_row_no
       from list_row where run_no = $1 and user_id is not null),
     repeated as materialized (select row_no, first_row_no from numbered where first_row_no < row_no)
     update list_row r set class = 'duplicate', settled = true, first_row_no = d.first_row_no
     from repeated d where r.run_no = $1 and r.row_no = d.row_no`,
    [runNo],
  );
}

/**
 * Marks disputes: a PAR that stands with several user ids in the lists of one start. We can't know whose card it is, so
 * none is sent. `of`: the runs whose rows are marked. `among`: all runs of the start. Called rows keep their class.
 */
export async function markDisputed(
  on: Queryable,
  of: readonly number[],
  among: readonly number[] = of,
): Promise<void> {
  await on.query(
    `update list_row r set class = 'disputed', settled = true
     from (select par from list_row where run_no = any($2::integer[]) and par is not null
           group by par having min(user_id) <> max(user_id)) d
     where r.run_no = any($1::integer[]) and r.par = d.par and r.class is null and r.attempts = 0`,
    [of, among],
  );
}

/**
 * Creates the records of the list in the status table. All jobs insert in the same order, so two jobs that add the same
 * records at once wait for each other but never in a circle.
 */
export async function createRecords(on: Queryable, runNo: number, provider: string): Promise<void> {
  await on.query(
    `insert into enrollment (provider, user_id, par)
     select $2, user_id, par from list_row where run_no = $1 and class is null
     order by user_id collate "C", par collate "C" on conflict (provider, user_id, par) do nothing`,
    [runNo, provider],
  );
}

/**
 * Settles the rows whose record needs no call: success that the ledger holds, and kept classes. A row that this run has
 * called without an end is settled only by a later outcome of another run. Rows of records that a person has settled
 * are marked so. A record that another run is calling is left for the end.
 */
export async function settleKnownRows(on: Queryable, rules: PlanRules): Promise<void> {
  await on.query(
    `update list_row r
     set class = case when e.status in ${SUCCESS_LIST} then 'already_done' else e.status end, settled = true,
         kept = r.attempts = 0 or r.class is distinct from e.status,
         code = e.code, message = e.message, http_status = e.http_status, correlation_id = e.correlation_id,
         first_attempt_at = e.first_attempt_at, last_attempt_at = e.last_attempt_at, nights = e.nights,
         resolution_no = e.resolution_no, class_given_by = e.class_given_by
     from enrollment e
     where r.run_no = $1 and not r.settled
       and e.provider = $2 and e.user_id = r.user_id and e.par = r.par and e.claim_run_no is null
       and case
             when e.status in ${SUCCESS_LIST} then not $3::boolean
             when $4::boolean then false
             when e.status in ${NEEDS_PERSON_LIST} then true
             when r.attempts > 0 then false
             when e.status in ${COMES_AGAIN_LIST} and e.nights >= $5::integer then true
             when e.status = 'action_required' then e.last_night = $6::date
             else false
           end`,
    [rules.runNo, rules.provider, rules.again, rules.requested, rules.nights, rules.night],
  );
}

/** Puts rows whose record was called before behind those that never were. */
export async function orderRows(on: Queryable, runNo: number, provider: string): Promise<void> {
  await on.query(
    `update list_row r set turn = 1 from enrollment e
     where r.run_no = $1 and not r.settled and r.turn = 0
       and e.provider = $2 and e.user_id = r.user_id and e.par = r.par and e.attempts > 0`,
    [runNo, provider],
  );
}

/** Keeps the moment after which an outcome of another run is news. By the database's clock, like recorded_at. */
export async function notePlanned(on: Queryable, runNo: number): Promise<void> {
  await on.query('update run set planned_at = clock_timestamp() where run_no = $1', [runNo]);
}

/**
 * Makes statistics; call it before planning a list and after. The planner knows nothing of rows that were just written,
 * and a join of ten thousand rows that it takes for one can run for minutes.
 */
export async function refreshStatistics(on: Queryable): Promise<void> {
  await on.query('select refresh_list_statistics()');
}
