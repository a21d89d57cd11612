import { onlyRow, type Ledger, type Queryable } from './ledger-port.ts';

/** What is old is what ended so long before `now`; null: as long as each run's own settings say, or else `keepMs`. */
export interface PurgeAge {
  readonly now: Date;
  readonly olderThanMs: number | null;
  readonly keepMs: number;
}

/** A run that came to its end long enough ago. */
export interface OldRun {
  readonly run_no: number;
  readonly id: string;
  /** The folder for its run folder as its settings have it: absolute, or from the working folder. */
  readonly directory: string | null;
  /** Nothing of it is left in the ledger to forget. */
  readonly is_purged: boolean;
}

const IS_OLD = `finished_at < $1::timestamptz
  - make_interval(secs => coalesce($2::float8, (settings->'report'->>'keepMs')::float8, $3::float8) / 1000)`;

function ageParameters({ now, olderThanMs, keepMs }: PurgeAge): (string | number | null)[] {
  return [now.toISOString(), olderThanMs, keepMs];
}

/** Oldest first. A run that may still be continued is not among them, however old. */
export async function findOldRuns(on: Queryable, age: PurgeAge): Promise<OldRun[]> {
  return await on.query<OldRun>(
    `select run_no, id, settings->'report'->>'directory' as directory, purged_at is not null as is_purged
     from run where state in ('complete', 'superseded') and ${IS_OLD} order by run_no`,
    ageParameters(age),
  );
}

/** Runs as old that may still be continued: nothing of them is forgotten. */
export async function countOldUnfinishedRuns(on: Queryable, age: PurgeAge): Promise<number> {
  const rows = await on.query<{ runs: number }>(
    `select count(*)::integer as runs from run
     where state in ('dispatching', 'reporting', 'stopped') and ${IS_OLD}`,
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

/** From here on nobody takes rows of the run, or writes its folder. */
export async function notePurgeBegun(on: Queryable, runNo: number, at: Date): Promise<void> {
  await on.query(
    'update run set purge_began_at = coalesce(purge_began_at, $2::timestamptz) where run_no = $1',
    [runNo, at.toISOString()],
  );
}

export async function notePurged(on: Queryable, runNo: number, at: Date): Promise<void> {
  await on.query('update run set purged_at = coalesce(purged_at, $2::timestamptz) where run_no = $1', [
    runNo,
    at.toISOString(),
  ]);
}

/** Rows numbered after `afterRowNo`, up to `size` further. How many were forgotten just now. */
export async function forgetRows(
  on: Queryable,
  runNo: number,
  afterRowNo: number,
  size: number,
): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    `with forgotten as (
       update list_row set cells = '{}', user_id = null, par = null, message = null, purged = true
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

/** Words of the next `size` attempts of the run; `next` null when there are no more. */
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

/** Nobody works on it, and no outcome is younger than `$1`. */
const IS_IDLE = `e.status <> 'sending' and e.claim_run_no is null
  and coalesce(e.recorded_at, '-infinity'::timestamptz) < $1::timestamptz`;

const STANDS_IN_A_LIST = `select 1 from list_row l join run r on r.run_no = l.run_no
  where r.provider = e.provider and l.user_id = e.user_id and l.par = e.par`;

/** Records that stand in no list any more once these runs are forgotten. */
export async function countUnlistedRecords(
  on: Queryable,
  before: Date,
  forgottenRuns: readonly number[],
): Promise<number> {
  const rows = await on.query<{ records: number }>(
    `select count(*)::integer as records from enrollment e
     where ${IS_IDLE} and not exists (${STANDS_IN_A_LIST} and l.run_no <> all($2::integer[]))`,
    [before.toISOString(), forgottenRuns],
  );
  return onlyRow(rows).records;
}

/**
 * Makes nobody begin a run, or plan one, until the transaction ends; calls go on. A plan under way is waited for: when
 * it relies on a record that is there, it sees it, and its list is seen here.
 */
async function holdOffPlans(transaction: Queryable): Promise<void> {
  await transaction.query('lock table run in share row exclusive mode');
}

/**
 * Notes the records that stand in no list, in one pass over the lists and without a lock. Returns how many; what comes
 * in a list meanwhile is left alone by deleteCandidates.
 */
export async function noteCandidates(ledger: Ledger, before: Date): Promise<number> {
  await ledger.query('delete from purge_candidate');
  const asOf = await ledger.transaction(async (transaction) => {
    await holdOffPlans(transaction);
    const rows = await transaction.query<{ as_of: number }>(
      `select coalesce(min(run_no) filter (where state = 'staging') - 1, max(run_no), 0)::integer as as_of from run`,
    );
    return onlyRow(rows).as_of;
  });
  const rows = await ledger.query<{ records: number }>(
    `with noted as (
       insert into purge_candidate (record_no, as_of_run_no)
       select e.record_no, $2 from enrollment e where ${IS_IDLE} and not exists (${STANDS_IN_A_LIST})
       on conflict (record_no) do nothing returning 1)
     select count(*)::integer as records from noted`,
    [before.toISOString(), asOf],
  );
  return onlyRow(rows).records;
}

/** The next `size` candidates: deleted unless a list has come with one, or somebody works on it. */
export async function deleteCandidates(
  ledger: Ledger,
  before: Date,
  size: number,
): Promise<{ readonly seen: number; readonly deleted: number }> {
  return await ledger.transaction(async (transaction) => {
    await holdOffPlans(transaction);
    return onlyRow(
      await transaction.query<{ seen: number; deleted: number }>(
        `with page as materialized (
           delete from purge_candidate
           where record_no in (select record_no from purge_candidate order by record_no limit $2)
           returning record_no, as_of_run_no),
         free as materialized (
           select e.record_no from enrollment e join page on page.record_no = e.record_no
           where ${IS_IDLE} and not exists (${STANDS_IN_A_LIST} and l.run_no > page.as_of_run_no)
           for update of e skip locked),
         deleted as (delete from enrollment where record_no in (select record_no from free) returning 1)
         select (select count(*)::integer from page) as seen, (select count(*)::integer from deleted) as deleted`,
        [before.toISOString(), size],
      ),
    );
  });
}

const ACCESS_LOG_OLD = `at < $1::timestamptz and at < $2::timestamptz - interval '2 years'`;

export async function countOldAccess(on: Queryable, before: Date, now: Date): Promise<number> {
  const rows = await on.query<{ entries: number }>(
    `select count(*)::integer as entries from access_log where ${ACCESS_LOG_OLD}`,
    [before.toISOString(), now.toISOString()],
  );
  return onlyRow(rows).entries;
}

/** Never an entry younger than two years. */
export async function deleteOldAccess(on: Queryable, before: Date, now: Date): Promise<number> {
  const rows = await on.query<{ entries: number }>(
    `with deleted as (delete from access_log where ${ACCESS_LOG_OLD} returning 1)
     select count(*)::integer as entries from deleted`,
    [before.toISOString(), now.toISOString()],
  );
  return onlyRow(rows).entries;
}

const PURGED_TABLES = ['list_row', 'attempt', 'enrollment', 'access_log', 'purge_candidate'] as const;

/** Frees what rows that changed or went have left behind, for others to be written over it. Outside a transaction. */
export async function vacuumPurged(on: Queryable): Promise<void> {
  for (const table of PURGED_TABLES) await on.query(`vacuum ${table}`);
}
