import { onlyRow, type Queryable } from '../ledger-port.ts';
import { CLOSED_LIST, CLOSED_RECONCILIATION_LIST, UNFINISHED_LIST } from '../sql-lists.ts';

/** The age from which data is forgotten. Null: the age in each run's own settings, or else `keepMs`. */
export interface PurgeAge {
  readonly now: Date;
  readonly olderThanMs: number | null;
  readonly keepMs: number;
}

/** A run that came to its end long enough ago. */
export interface OldRun {
  readonly run_no: number;
  readonly id: string;
  /** The directory of its run folder from its settings: absolute, or relative to the working folder. */
  readonly directory: string | null;
  /** True where nothing of it is left in the ledger to forget. */
  readonly is_purged: boolean;
}

const IS_OLD = `finished_at < $1::timestamptz
  - make_interval(secs => coalesce($2::float8, (settings->'report'->>'keepMs')::float8, $3::float8) / 1000)`;

function ageParameters({ now, olderThanMs, keepMs }: PurgeAge): (string | number | null)[] {
  return [now.toISOString(), olderThanMs, keepMs];
}

/** Finds runs to forget, oldest first. A run that may still be continued is never among them. */
export async function findOldRuns(on: Queryable, age: PurgeAge): Promise<OldRun[]> {
  return await on.query<OldRun>(
    `select run_no, id, settings->'report'->>'directory' as directory, purged_at is not null as is_purged
     from run where state in ${CLOSED_LIST} and ${IS_OLD} order by run_no`,
    ageParameters(age),
  );
}

/** Counts runs that are old enough but may still be continued; nothing of them is forgotten. */
export async function countOldUnfinishedRuns(on: Queryable, age: PurgeAge): Promise<number> {
  const rows = await on.query<{ runs: number }>(
    `select count(*)::integer as runs from run
     where state in ${UNFINISHED_LIST} and ${IS_OLD}`,
    ageParameters(age),
  );
  return onlyRow(rows).runs;
}

export interface ForgettableRows {
  readonly rows: number;
  readonly attempts: number;
}

const HAS_WORDS = '(message is not null or raw_reply is not null or error is not null)';

export async function countForgettable(
  on: Queryable,
  runNumbers: readonly number[],
): Promise<ForgettableRows> {
  return onlyRow(
    await on.query<ForgettableRows>(
      `select (select count(*)::integer from list_row where run_no = any($1::integer[]) and not purged) as rows,
              (select count(*)::integer from attempt where run_no = any($1::integer[]) and ${HAS_WORDS}) as attempts`,
      [runNumbers],
    ),
  );
}

/** Keeps that a purge of the run began. From then on nobody takes its rows or writes its folder. */
export async function notePurgeBegun(on: Queryable, runNo: number, at: Date): Promise<void> {
  await on.query(
    'update run set purge_began_at = coalesce(purge_began_at, $2::timestamptz) where run_no = $1',
    [runNo, at.toISOString()],
  );
}

/** Notes that a run is forgotten, and forgets the words of its list by which its encoding was shown: they may be names. */
export async function notePurged(on: Queryable, runNo: number, at: Date): Promise<void> {
  await on.query(
    `update run
     set purged_at = coalesce(purged_at, $2::timestamptz),
         list_notes = case when jsonb_typeof(list_notes #> '{verdict,samples}') = 'array'
                      then jsonb_set(list_notes, '{verdict,samples}', '[]') else list_notes end
     where run_no = $1`,
    [runNo, at.toISOString()],
  );
}

/** Forgets up to `size` rows numbered after `afterRowNo`. Returns how many it forgot. */
export async function forgetRows(
  on: Queryable,
  runNo: number,
  afterRowNo: number,
  size: number,
): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    `with forgotten as (
       update list_row set cells = '{}', user_id = null, par = null, message = null, rejection = null, purged = true
       where run_no = $1 and row_no > $2 and row_no <= $2 + $3 and not purged returning 1)
     select count(*)::integer as rows from forgotten`,
    [runNo, afterRowNo, size],
  );
  return onlyRow(rows).rows;
}

/** Where a pass over a run's attempts stands: after this one. */
export interface AttemptPlace {
  readonly sentAt: string;
  readonly attemptNo: string;
}

export const firstAttempt: AttemptPlace = { sentAt: '-infinity', attemptNo: '0' };

/** Forgets the words of the next `size` attempts of the run. `next`: null where there are no more. */
export async function forgetAttempts(
  on: Queryable,
  runNo: number,
  after: AttemptPlace,
  size: number,
): Promise<{ readonly forgotten: number; readonly next: AttemptPlace | null }> {
  const row = onlyRow(
    await on.query<{ seen: number; forgotten: number; sent_at: string | null; attempt_no: string | null }>(
      `with page as materialized (
         select attempt_no, sent_at from attempt
         where run_no = $1 and (sent_at, attempt_no) > ($2::timestamptz, $3::bigint) order by sent_at, attempt_no limit $4),
       forgotten as (
         update attempt a set message = null, raw_reply = null, error = null from page
         where a.attempt_no = page.attempt_no and (a.message is not null or a.raw_reply is not null or a.error is not null)
         returning 1),
       last as (select sent_at::text as sent_at, attempt_no::text as attempt_no from page order by page.sent_at desc, page.attempt_no desc limit 1)
       select (select count(*)::integer from page) as seen, (select count(*)::integer from forgotten) as forgotten,
              (select sent_at from last) as sent_at, (select attempt_no from last) as attempt_no`,
      [runNo, after.sentAt, after.attemptNo, size],
    ),
  );
  const isLast = row.seen < size || row.sent_at === null || row.attempt_no === null;
  const next = isLast ? null : { sentAt: row.sent_at ?? '', attemptNo: row.attempt_no ?? '' };
  return { forgotten: row.forgotten, next };
}

const BREAK_OLD = `state = 'closed' and user_id is not null and closed_at < $1::timestamptz`;

/** SQL: rows of reconciliations that are not continued any more. */
const ASKED_OLD = `reconciliation_no in (select reconciliation_no from reconciliation
  where state in ${CLOSED_RECONCILIATION_LIST} and coalesce(finished_at, started_at) < $1::timestamptz)`;

export interface ForgettableFindings {
  readonly breaks: number;
  /** Members that were asked for, left over. */
  readonly members: number;
  /** Calls that asked for them. */
  readonly inquiries: number;
}

export async function countOldFindings(on: Queryable, before: Date): Promise<ForgettableFindings> {
  return onlyRow(
    await on.query<ForgettableFindings>(
      `select (select count(*)::integer from break where ${BREAK_OLD}) as breaks,
              (select count(*)::integer from reconciliation_member where ${ASKED_OLD}) as members,
              (select count(*)::integer from reconciliation_call where ${ASKED_OLD}) as inquiries`,
      [before.toISOString()],
    ),
  );
}

/** Forgets ids and notes of up to `size` closed breaks. Returns how many. */
export async function forgetBreaks(on: Queryable, before: Date, size: number): Promise<number> {
  const rows = await on.query<{ breaks: number }>(
    `with forgotten as (
       update break set user_id = null, par = null, other_user_id = null, other_par = null, note = null
       where break_no in (select break_no from break where ${BREAK_OLD} order by break_no limit $2) returning 1)
     select count(*)::integer as breaks from forgotten`,
    [before.toISOString(), size],
  );
  return onlyRow(rows).breaks;
}

/** Deletes up to `size` members that were asked for, with their plans. Returns how many. */
export async function deleteAskedMembers(on: Queryable, before: Date, size: number): Promise<number> {
  const rows = await on.query<{ members: number }>(
    `with page as materialized (
       select reconciliation_no, member_no from reconciliation_member where ${ASKED_OLD}
       order by reconciliation_no, member_no limit $2),
     plans as (
       delete from reconciliation_plan p using page
       where p.reconciliation_no = page.reconciliation_no and p.member_no = page.member_no),
     deleted as (
       delete from reconciliation_member m using page
       where m.reconciliation_no = page.reconciliation_no and m.member_no = page.member_no returning 1)
     select count(*)::integer as members from deleted`,
    [before.toISOString(), size],
  );
  return onlyRow(rows).members;
}

/** Deletes up to `size` inquiries. Inquiries that still count against a night are younger. Returns how many. */
export async function deleteInquiries(on: Queryable, before: Date, size: number): Promise<number> {
  const rows = await on.query<{ inquiries: number }>(
    `with deleted as (
       delete from reconciliation_call where correlation_id in (
         select correlation_id from reconciliation_call where ${ASKED_OLD} order by reconciliation_no, sent_at limit $2)
       returning 1)
     select count(*)::integer as inquiries from deleted`,
    [before.toISOString(), size],
  );
  return onlyRow(rows).inquiries;
}

const ACCESS_LOG_OLD = `at < $1::timestamptz and at < $2::timestamptz - interval '2 years'`;

export async function countOldAccess(on: Queryable, before: Date, now: Date): Promise<number> {
  const rows = await on.query<{ entries: number }>(
    `select count(*)::integer as entries from access_log where ${ACCESS_LOG_OLD}`,
    [before.toISOString(), now.toISOString()],
  );
  return onlyRow(rows).entries;
}

/** Deletes old entries of the access log, but never one younger than two years. */
export async function deleteOldAccess(on: Queryable, before: Date, now: Date): Promise<number> {
  const rows = await on.query<{ entries: number }>(
    `with deleted as (delete from access_log where ${ACCESS_LOG_OLD} returning 1)
     select count(*)::integer as entries from deleted`,
    [before.toISOString(), now.toISOString()],
  );
  return onlyRow(rows).entries;
}

const PURGED_TABLES = [
  'list_row',
  'attempt',
  'enrollment',
  'resolution',
  'break',
  'reconciliation_member',
  'reconciliation_plan',
  'reconciliation_call',
  'access_log',
  'audit_entry',
  'desk_upload',
  'purge_candidate',
] as const;

/** Frees the space of changed and deleted rows for other rows. Call it outside a transaction. */
export async function vacuumPurged(on: Queryable): Promise<void> {
  for (const table of PURGED_TABLES) await on.query(`vacuum ${table}`);
}
