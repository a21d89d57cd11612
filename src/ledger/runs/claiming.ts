import type { RecordStatus } from '../../domain/class.ts';
import type { Par } from '../../domain/identity/par.ts';
import type { UserId } from '../../domain/identity/user-id.ts';
import { onlyRow, type Parameter, type Queryable, type RunFence } from '../ledger-port.ts';
import { SUCCESS_LIST } from '../sql-lists.ts';
import { isFree, wasRefused, wasWell } from './record-terms.ts';

/** A claimed record: until its outcome is recorded or it is released, only this run may call it. */
export interface ClaimedRecord {
  readonly rowNo: number;
  /** int8 as text. */
  readonly recordNo: string;
  readonly userId: UserId;
  readonly par: Par;
  readonly status: RecordStatus;
  /** Our calls that were not answered and may have taken effect. */
  readonly unanswered: number;
  /** True where its last call, by an earlier process, was a stop_run: it may have been refused before the provider. */
  readonly wasRefused: boolean;
  /** True where its member was enrolled before the run began, under this card or another. */
  readonly wasWell: boolean;
}

/** A due record. The mark of its first call claims it, unless another run takes it first. */
export interface DueRecord extends ClaimedRecord {
  /** Claimed for this run already, by a statement whose commit went unheard. */
  readonly isClaimed: boolean;
  /** Text, to the microsecond; null where no outcome was recorded yet. */
  readonly recordedAt: string | null;
}

export interface ClaimedSet<Record = ClaimedRecord> {
  readonly records: readonly Record[];
  /** Due rows whose record another run has claimed for now. */
  readonly skipped: number;
  /** The row after which to go on; null where no row is left in this turn. */
  readonly lastRowNo: number | null;
}

interface DueRow {
  row_no: number;
  record_no: string;
  user_id: UserId;
  par: Par;
  /** Records claimed for this run before this statement. */
  ours: boolean;
  /** Records that were free and that this statement claimed. */
  free: boolean;
  status: RecordStatus;
  unanswered: number;
  was_refused: boolean;
  was_well: boolean;
}

/** The provider whose rows are claimed, and the records that need no claim. */
interface ClaimTerms {
  readonly provider: string;
  /**
   * Numbers of the records that this process has claimed and whose end it has not seen. A record that is claimed for
   * the run and not among them was claimed by a statement whose commit went unheard; it is handed out now.
   */
  readonly inHand: ReadonlySet<string>;
}

/** Selects rows evenly spread over a run's list. */
export interface ClaimedSpread extends ClaimTerms {
  readonly count: number;
  /** Number of due rows of the run. */
  readonly due: number;
}

export interface DueRange extends ClaimTerms {
  readonly turn: 0 | 1;
  readonly afterRowNo: number;
}

/**
 * Reads the records of the next due rows, in list order, at most `limit` rows. It claims none; claimAndMark does, with
 * the first call. The inner `limit` makes the database look up each record by its key; a join may read the whole table
 * for every set.
 */
export async function readDueRecords(
  on: Queryable,
  runNo: number,
  { provider, turn, afterRowNo, inHand: terms }: DueRange,
  limit: number,
): Promise<ClaimedSet<DueRecord>> {
  // As of now: a record whose end is written meanwhile may still look unsettled in the rows.
  const inHand = new Set(terms);
  const rows = await on.query<DueRow & { recorded_at: string | null }>(
    `select next.row_no, next.user_id, next.par, e.record_no, e.status, e.unanswered, e.recorded_at::text as recorded_at,
            e.claim_run_no is not distinct from run.run_no as ours, ${isFree('run')} as free, ${wasRefused('e')} as was_refused,
            ${wasWell('e', 'run')} as was_well
     from run
     cross join lateral (
       select row_no, user_id, par from list_row
       where run_no = run.run_no and not settled and turn = $3 and row_no > $4 order by row_no limit $5) as next
     cross join lateral (
       select * from enrollment where provider = $2 and user_id = next.user_id and par = next.par limit 1) as e
     where run.run_no = $1 order by next.row_no`,
    [runNo, provider, turn, afterRowNo, limit],
  );
  const given = rows.filter(
    (row) => (row.free || (row.ours && row.status !== 'sending')) && !inHand.has(row.record_no),
  );
  return {
    records: given.map((row) =>
      Object.assign(recordOf(row), { isClaimed: row.ours, recordedAt: row.recorded_at }),
    ),
    skipped: rows.filter((row) => !row.free && !row.ours).length,
    lastRowNo: rows.at(-1)?.row_no ?? null,
  };
}

/** Claims `count` due records: every k-th row, never-called ones first, so that no part of the list is left out. */
export async function claimSpread(
  on: Queryable,
  fence: RunFence,
  spread: ClaimedSpread,
): Promise<ClaimedSet> {
  return await claimRows(on, fence, spread, {
    sql: `select row_no, user_id, par, nth as place
          from (select row_no, user_id, par, row_number() over (order by turn, row_no) as nth
                from list_row where run_no = $1 and not settled) as numbered
          where nth * $4::bigint / $5::bigint > (nth - 1) * $4::bigint / $5::bigint order by nth limit $4`,
    parameters: [spread.count, spread.due],
  });
}

/** Claims the next `limit` due records that no other run has claimed, in list order, whatever their turn. */
export async function claimFree(
  on: Queryable,
  fence: RunFence,
  terms: ClaimTerms,
  limit: number,
): Promise<ClaimedSet> {
  return await claimRows(on, fence, terms, {
    sql: `select row_no, user_id, par, row_no as place from list_row r
          where run_no = $1 and not settled and exists (
            select 1 from enrollment e
            where e.provider = $3 and e.user_id = r.user_id and e.par = r.par and e.status <> 'sending'
              and (e.claim_run_no is null or e.claim_run_no = $1) and e.record_no <> all($5::bigint[]))
          order by row_no limit $4`,
    parameters: [limit, [...terms.inHand]],
  });
}

/**
 * Rows of a list with user id, PAR and place in the set; `$1` is the run, `$3` the provider, `$4` the first parameter.
 */
interface RowChoice {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/**
 * Claims the records of the chosen rows, except those that are claimed already or got an outcome from another run since
 * this one was planned. It waits for nobody, so two jobs that claim the same records in different orders can't block
 * each other. Postgres takes user id and PAR for independent, estimates one row for `due`, and picks a quadratic nested
 * loop. A full join rules that out, and adds no rows: every claimed record is also due.
 */
async function claimRows(
  on: Queryable,
  fence: RunFence,
  terms: ClaimTerms,
  chosen: RowChoice,
): Promise<ClaimedSet> {
  // As of now: a record whose end is written meanwhile may still look unsettled in the rows.
  const inHand = new Set(terms.inHand);
  const rows = await on.query<DueRow>(
    `with fence as (select run_no, planned_at, started_at, again, kind from run where run_no = $1 and epoch = $2 for share),
     next as materialized (${chosen.sql}),
     due as materialized (
       select next.*, e.record_no, e.claim_run_no is not distinct from fence.run_no as ours, e.status, e.unanswered, e.attempts,
              ${wasWell('e', 'fence')} as was_well
       from fence cross join next join enrollment e on e.provider = $3 and e.user_id = next.user_id and e.par = next.par),
     free as materialized (
       select e.record_no, due.row_no from due join enrollment e on e.record_no = due.record_no, fence
       where ${isFree('fence')}
       for update of e skip locked),
     claimed as (
       update enrollment e set claim_run_no = $1, claim_row_no = free.row_no
       from free where e.record_no = free.record_no
       returning e.record_no, e.status, e.unanswered)
     select due.row_no, due.record_no, due.user_id, due.par, due.ours, claimed.record_no is not null as free,
            coalesce(claimed.status, due.status) as status, coalesce(claimed.unanswered, due.unanswered) as unanswered,
            ${wasRefused('due')} as was_refused, due.was_well
     from due full join claimed on claimed.record_no = due.record_no order by due.place`,
    [fence.runNo, fence.epoch, terms.provider, ...chosen.parameters],
  );
  const given = rows.filter(
    (row) => row.free || (row.ours && row.status !== 'sending' && !inHand.has(row.record_no)),
  );
  return {
    records: given.map(recordOf),
    skipped: rows.filter((row) => !row.free && !row.ours).length,
    lastRowNo: rows.at(-1)?.row_no ?? null,
  };
}

function recordOf(row: DueRow): ClaimedRecord {
  return {
    rowNo: row.row_no,
    recordNo: row.record_no,
    userId: row.user_id,
    par: row.par,
    status: row.status,
    unanswered: row.unanswered,
    wasRefused: row.was_refused,
    wasWell: row.was_well,
  };
}

/**
 * Settles what a dead process of this run left behind, and releases its claims. A record that was sending may have been
 * sent, so its call is kept as lost and counts as unanswered. A lost inquiry changed nothing at the provider: it is
 * kept, and its record is as it was before. Call it in a transaction, with the epoch raised or with the run's job
 * locked.
 */
export async function settleLostCalls(on: Queryable, runNo: number): Promise<{ lost: number }> {
  const rows = await on.query<{ lost: number }>(
    `with under_way as (select * from enrollment where claim_run_no = $1 and status = 'sending'),
     noted as (
       insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, reply_kind, error, outcome, call)
       select $1, u.claim_row_no, u.record_no, run.night, u.sending_correlation_id, u.sending_at, 'lost',
              'the process ended before the answer was recorded', 'ambiguous', u.sending_call
       from under_way u, run where run.run_no = $1),
     asked as (
       update enrollment e
       set status = e.prior_status, prior_status = null, sending_at = null, sending_correlation_id = null, sending_call = null,
           claim_run_no = null, claim_row_no = null, last_run_no = $1
       from under_way u where e.record_no = u.record_no and u.sending_call = 'plans'),
     lost as (
       select *, prior_status = 'ambiguous' and code is null as says_the_same from under_way where sending_call = 'register'),
     shown as (
       update list_row r
       set class = 'ambiguous', class_given_by = null, kept = false, code = null, message = null, http_status = null,
           correlation_id = lost.sending_correlation_id, attempts = r.attempts + 1,
           first_attempt_at = coalesce(r.first_attempt_at, lost.sending_at), last_attempt_at = lost.sending_at,
           resolution_no = case when lost.says_the_same then lost.resolution_no end
       from lost where r.run_no = $1 and r.row_no = lost.claim_row_no and not r.settled),
     settled as (
       update enrollment e
       set status = case when e.prior_status in ${SUCCESS_LIST} then e.prior_status else 'ambiguous' end,
           code = case when e.prior_status in ${SUCCESS_LIST} then e.code end, message = case when e.prior_status in ${SUCCESS_LIST} then e.message end,
           class_given_by = case when e.prior_status in ${SUCCESS_LIST} then e.class_given_by end,
           since = case when e.prior_status in ${SUCCESS_LIST} or lost.says_the_same then e.since else lost.sending_at end,
           resolution_no = case when lost.says_the_same then e.resolution_no end, last_run_no = $1,
           prior_status = null, sending_at = null, sending_correlation_id = null, sending_call = null,
           claim_run_no = null, claim_row_no = null,
           unanswered = e.unanswered + 1, attempts = e.attempts + 1,
           nights = e.nights + (e.last_night is distinct from run.night or e.nights = 0)::integer, last_night = run.night,
           correlation_id = lost.sending_correlation_id, http_status = null,
           first_attempt_at = coalesce(e.first_attempt_at, lost.sending_at), last_attempt_at = lost.sending_at,
           recorded_at = clock_timestamp()
       from lost, run where e.record_no = lost.record_no and run.run_no = $1)
     select count(*)::integer as lost from under_way`,
    [runNo],
  );
  await releaseClaims(on, runNo);
  return onlyRow(rows);
}

/** Releases every claim of a run whose record is not sending. */
export async function releaseClaims(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update enrollment set claim_run_no = null, claim_row_no = null where claim_run_no = $1 and status <> 'sending'`,
    [runNo],
  );
}

/** Finds the runs that have claimed records of this run's due rows. Live ones finish them; dead ones are settled. */
export async function findClaimingRuns(
  on: Queryable,
  runNo: number,
  provider: string,
): Promise<{ run_no: number; job: string }[]> {
  return await on.query(
    `select distinct o.run_no, o.job
     from list_row r join enrollment e on e.provider = $2 and e.user_id = r.user_id and e.par = r.par
     join run o on o.run_no = e.claim_run_no
     where r.run_no = $1 and not r.settled and e.claim_run_no <> $1`,
    [runNo, provider],
  );
}

/** Counts due rows whose record this run has not claimed: another run has, or nobody has by now. */
export async function countUnclaimedRows(on: Queryable, runNo: number): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    `select count(*)::integer as rows from list_row r
     where run_no = $1 and not settled
       and not exists (select 1 from enrollment e where e.claim_run_no = $1 and e.claim_row_no = r.row_no)`,
    [runNo],
  );
  return onlyRow(rows).rows;
}
