import { LedgerError, onlyRow, type Queryable } from '../ledger-port.ts';
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

/** Most repeated PARs that are looked up one by one; where more repeat, all rows of the lists are compared. */
const MOST_LOOKED_UP = 1_000;

/** The runs whose lists are marked, and those they are compared with. */
export interface MarkedRuns {
  readonly of: readonly number[];
  /** All runs of the start, also those that are continued. */
  readonly among: readonly number[];
}

/**
 * Marks duplicates within each list, and disputes between all of them. Both have a PAR that repeats, and most lists have
 * none or a few such PARs, so these are looked for first.
 */
export async function markRepeated(on: Queryable, { of, among }: MarkedRuns): Promise<void> {
  const found = await on.query<{ par: string }>(
    `select par from (
       select par, lag(par) over (order by par collate "C") as above
       from list_row where run_no = any($1::integer[]) and par is not null) as placed
     where par = above limit ${MOST_LOOKED_UP + 1}`,
    [among],
  );
  if (found.length === 0) return;
  const pars = found.length > MOST_LOOKED_UP ? null : found.map(({ par }) => par);
  for (const runNo of of) await markDuplicates(on, runNo, pars);
  await markDisputed(on, of, among, pars);
}

/** Marks every row whose record stands earlier in the list. `pars`: only these may repeat; null: any may. */
async function markDuplicates(on: Queryable, runNo: number, pars: readonly string[] | null): Promise<void> {
  await on.query(
    `with numbered as (
       select row_no, min(row_no) over (partition by user_id, par) as first_row_no
       from list_row where run_no = $1 and user_id is not null and ($2::text[] is null or par = any($2::text[]))),
     repeated as materialized (select row_no, first_row_no from numbered where first_row_no < row_no)
     update list_row r set class = 'duplicate', settled = true, first_row_no = d.first_row_no
     from repeated d where r.run_no = $1 and r.row_no = d.row_no`,
    [runNo, pars],
  );
}

/**
 * Marks disputes: a PAR that stands with several user ids in the lists of one start. We can't know whose card it is, so
 * none is sent. `of`: the runs whose rows are marked. `among`: all runs of the start. Called rows keep their class.
 * `pars`: only these may repeat; null: any may.
 */
export async function markDisputed(
  on: Queryable,
  of: readonly number[],
  among: readonly number[] = of,
  pars: readonly string[] | null = null,
): Promise<void> {
  await on.query(
    `update list_row r set class = 'disputed', settled = true
     from (select par from list_row
           where run_no = any($2::integer[]) and par is not null and ($3::text[] is null or par = any($3::text[]))
           group by par having min(user_id) <> max(user_id)) d
     where r.run_no = any($1::integer[]) and r.par = d.par and r.class is null and r.attempts = 0
       and ($3::text[] is null or r.par = any($3::text[]))`,
    [of, among, pars],
  );
}

/**
 * Creates the records of the list in the status table, and resolves with whether all of them are new: then the ledger
 * knows nothing of any. All jobs insert in the same order, so two jobs that add the same records at once wait for each
 * other but never in a circle. What another job adds meanwhile makes the first statement fail; the second leaves such
 * records alone, and takes half as long again.
 */
export async function createRecords(
  transaction: Queryable,
  runNo: number,
  provider: string,
): Promise<boolean> {
  await transaction.query('savepoint before_records');
  try {
    const created = await transaction.query<{ areAllNew: boolean }>(
      `with created as (${INSERT_UNKNOWN} returning 1)
       select (select count(*) from created)
            = (select count(*) from list_row where run_no = $1 and class is null) as "areAllNew"`,
      [runNo, provider],
    );
    return onlyRow(created).areAllNew;
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'LEDGER_STATEMENT') throw error;
  }
  await transaction.query('rollback to savepoint before_records');
  await transaction.query(`${INSERT_UNKNOWN} on conflict (provider, user_id, par) do nothing`, [
    runNo,
    provider,
  ]);
  return false;
}

const INSERT_UNKNOWN = `
  insert into enrollment (provider, user_id, par)
  select $2, r.user_id, r.par from list_row r
  where r.run_no = $1 and r.class is null and not exists (
    select from enrollment e where e.provider = $2 and e.user_id = r.user_id and e.par = r.par)
  order by r.user_id collate "C", r.par collate "C"`;

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
