import type { RecordStatus } from '../../domain/class.ts';
import type { CallKind } from '../../domain/outcome.ts';
import type { Par } from '../../domain/identity/par.ts';
import type { UserId } from '../../domain/identity/user-id.ts';
import { OvertakenError, onlyRow, type Parameter, type Queryable, type RunLease } from '../ledger-port.ts';
import { SUCCESS_LIST } from '../sql-lists.ts';

/** A record this run may work on, and nobody else until it is recorded or released. */
export interface ClaimedRecord {
  readonly rowNo: number;
  /** int8 as text. */
  readonly recordNo: string;
  readonly userId: UserId;
  readonly par: Par;
  readonly status: RecordStatus;
  /** Calls of ours that may have taken effect and were not answered. */
  readonly unanswered: number;
  /** Its last call, by an earlier process, was a stop_run: it may have been refused before the provider. */
  readonly wasRefused: boolean;
}

export interface ClaimedSet {
  readonly records: readonly ClaimedRecord[];
  /** Rows that are due and belong to another run for now. */
  readonly skipped: number;
  /** Where to go on; null when no row is left in this turn. */
  readonly lastRowNo: number | null;
}

interface DueRow {
  row_no: number;
  record_no: string;
  user_id: UserId;
  par: Par;
  /** Claimed for this run before this statement. */
  ours: boolean;
  /** Claimed by this statement. */
  claimed: boolean;
  status: RecordStatus;
  unanswered: number;
  was_refused: boolean;
}

/** Whose rows are claimed, and what needs no claim. */
interface ClaimTerms {
  readonly provider: string;
  /**
   * Records, by number, that this process has claimed and not seen the end of. What is claimed for the run and not among
   * them was claimed by a statement whose commit went unheard: it is given out now.
   */
  readonly inHand: ReadonlySet<string>;
}

export interface ClaimedRange extends ClaimTerms {
  readonly turn: 0 | 1;
  readonly afterRowNo: number;
}

/** Rows evenly spread over a run's list. */
export interface ClaimedSpread extends ClaimTerms {
  readonly count: number;
  /** Rows of the run that are due. */
  readonly due: number;
}

/** Claims the records of the next rows due, in list order, at most `limit` rows. */
export async function claimRecords(
  on: Queryable,
  lease: RunLease,
  from: ClaimedRange,
  limit: number,
): Promise<ClaimedSet> {
  return await claimRows(on, lease, from, {
    sql: `select row_no, user_id, par, row_no as place from list_row
          where run_no = $1 and not settled and turn = $4 and row_no > $5 order by row_no limit $6`,
    parameters: [from.turn, from.afterRowNo, limit],
  });
}

/** Claims `count` of the records due: every k-th row, those never called first, so that no end of the list is left out. */
export async function claimSpread(
  on: Queryable,
  lease: RunLease,
  spread: ClaimedSpread,
): Promise<ClaimedSet> {
  return await claimRows(on, lease, spread, {
    sql: `select row_no, user_id, par, nth as place
          from (select row_no, user_id, par, row_number() over (order by turn, row_no) as nth
                from list_row where run_no = $1 and not settled) as numbered
          where nth * $4::bigint / $5::bigint > (nth - 1) * $4::bigint / $5::bigint order by nth limit $4`,
    parameters: [spread.count, spread.due],
  });
}

/** Claims the next `limit` of the records due that no other run has in hand, in list order, whatever their turn. */
export async function claimFree(
  on: Queryable,
  lease: RunLease,
  terms: ClaimTerms,
  limit: number,
): Promise<ClaimedSet> {
  return await claimRows(on, lease, terms, {
    sql: `select row_no, user_id, par, row_no as place from list_row r
          where run_no = $1 and not settled and exists (
            select 1 from enrollment e
            where e.provider = $3 and e.user_id = r.user_id and e.par = r.par and e.status <> 'sending'
              and (e.claim_run_no is null or e.claim_run_no = $1) and e.record_no <> all($5::bigint[]))
          order by row_no limit $4`,
    parameters: [limit, [...terms.inHand]],
  });
}

/** Rows of a list with user id, PAR and place in the set; `$1` is the run, `$3` the provider, `$4` the first parameter. */
interface RowChoice {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/**
 * Claims the records of the chosen rows, but for those that are claimed, or got an outcome by another run since this one
 * was planned. Waits for nobody: two jobs that claim the same records in different orders can't block each other.
 * Postgres takes user id and PAR for independent, estimates one row for `due`, and picks a quadratic nested loop. A full
 * join rules that out, and adds no rows: every claimed record is also due.
 */
async function claimRows(
  on: Queryable,
  lease: RunLease,
  terms: ClaimTerms,
  chosen: RowChoice,
): Promise<ClaimedSet> {
  // As of now: a record whose end is written meanwhile may still look unsettled in the rows.
  const inHand = new Set(terms.inHand);
  const rows = await on.query<DueRow>(
    `with fence as (select run_no, planned_at, again, kind from run where run_no = $1 and epoch = $2 for share),
     next as materialized (${chosen.sql}),
     due as materialized (
       select next.*, e.record_no, e.claim_run_no is not distinct from fence.run_no as ours, e.status, e.unanswered, e.attempts
       from fence cross join next join enrollment e on e.provider = $3 and e.user_id = next.user_id and e.par = next.par),
     free as materialized (
       select e.record_no, due.row_no from due join enrollment e on e.record_no = due.record_no, fence
       where e.status <> 'sending' and e.claim_run_no is null
         and (e.recorded_at is null or e.recorded_at <= fence.planned_at)
         and (fence.again or e.status not in ${SUCCESS_LIST})
         and (fence.kind <> 'list' or e.status not in ('bad_data', 'conflict', 'unknown_code'))
       for update of e skip locked),
     claimed as (
       update enrollment e set claim_run_no = $1, claim_row_no = free.row_no
       from free where e.record_no = free.record_no
       returning e.record_no, e.status, e.unanswered)
     select due.row_no, due.record_no, due.user_id, due.par, due.ours, claimed.record_no is not null as claimed,
            coalesce(claimed.status, due.status) as status, coalesce(claimed.unanswered, due.unanswered) as unanswered,
            due.attempts > 0 and (select outcome = 'stop_run' from attempt where record_no = due.record_no order by attempt_no desc limit 1) is true as was_refused
     from due full join claimed on claimed.record_no = due.record_no order by due.place`,
    [lease.runNo, lease.epoch, terms.provider, ...chosen.parameters],
  );
  const given = rows.filter(
    (row) => row.claimed || (row.ours && row.status !== 'sending' && !inHand.has(row.record_no)),
  );
  return {
    records: given.map((row) => ({
      rowNo: row.row_no,
      recordNo: row.record_no,
      userId: row.user_id,
      par: row.par,
      status: row.status,
      unanswered: row.unanswered,
      wasRefused: row.was_refused,
    })),
    skipped: rows.filter((row) => !row.claimed && !row.ours).length,
    lastRowNo: rows.at(-1)?.row_no ?? null,
  };
}

export interface SendingMark {
  readonly recordNo: string;
  readonly call: CallKind;
  readonly correlationId: string;
  readonly at: Date;
}

/**
 * Notes that the calls are about to leave; only when this has committed may they. All or nothing: a record that is
 * not ours to send means that the run was overtaken. One that is sending with the same correlation id was marked by
 * the same statement before, whose commit went unheard.
 */
export async function markSending(
  on: Queryable,
  lease: RunLease,
  marks: readonly SendingMark[],
): Promise<void> {
  // That statement may have committed while this one waited for its rows, too late to be seen: then the second look does.
  for (let looks = 0; looks < 2; looks += 1) {
    if ((await tryMarking(on, lease, marks)) === marks.length) return;
  }
  throw new OvertakenError();
}

async function tryMarking(on: Queryable, lease: RunLease, marks: readonly SendingMark[]): Promise<number> {
  const rows = await on.query<{ marked: number }>(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share),
     i as (
       select * from unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) as i(record_no, correlation_id, at, call)),
     before as (
       select 1 from i join enrollment e on e.record_no = i.record_no, fence
       where e.claim_run_no = fence.run_no and e.status = 'sending' and e.sending_correlation_id = i.correlation_id),
     marked as (
       update enrollment e
       set prior_status = e.status, status = 'sending', sending_at = i.at::timestamptz, sending_correlation_id = i.correlation_id,
           sending_call = i.call
       from i, fence
       where e.record_no = i.record_no and e.claim_run_no = fence.run_no and e.status <> 'sending'
       returning 1)
     select ((select count(*) from before) + (select count(*) from marked))::integer as marked`,
    [
      lease.runNo,
      lease.epoch,
      marks.map((mark) => mark.recordNo),
      marks.map((mark) => mark.correlationId),
      marks.map((mark) => mark.at.toISOString()),
      marks.map((mark) => mark.call),
    ],
  );
  return onlyRow(rows).marked;
}

/**
 * Takes back marks whose calls never left: stopped or paused before their permit. The claim stays. Done twice it finds
 * nothing sending the second time: its records are not marked again before it was heard of.
 */
export async function unmarkSending(
  on: Queryable,
  lease: RunLease,
  recordNos: readonly string[],
): Promise<void> {
  await on.query(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share)
     update enrollment e
     set status = prior_status, prior_status = null, sending_at = null, sending_correlation_id = null, sending_call = null
     from fence where e.record_no = any($3::bigint[]) and e.claim_run_no = fence.run_no and e.status = 'sending'`,
    [lease.runNo, lease.epoch, recordNos],
  );
}

/**
 * Settles what a dead process of this run left behind: a record that was sending may have been sent, so the call
 * is noted as lost and counts as unanswered; every claim is given back. An inquiry that is lost changed nothing at
 * the provider: it is noted, and its record is as it was before. Call it with the epoch raised, or with the run's job
 * locked, in a transaction.
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

/** Gives back every claim of a run that is not sending. */
export async function releaseClaims(on: Queryable, runNo: number): Promise<void> {
  await on.query(
    `update enrollment set claim_run_no = null, claim_row_no = null where claim_run_no = $1 and status <> 'sending'`,
    [runNo],
  );
}
