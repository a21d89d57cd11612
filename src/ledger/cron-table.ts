import { onlyRow, type Ledger, type Queryable } from './ledger-port.ts';

/** A cron line as a job file has it. */
export interface CronLineKey {
  readonly job: string;
  readonly line: string;
  readonly timeZone: string;
}

/** broken_off: its run was begun, and nobody went on with it before its window closed. */
export type StartDecision = 'requested' | 'skipped' | 'missed' | 'broken_off';

export interface DecidedStart {
  readonly dueAt: Date;
  readonly closesAt: Date;
  readonly decision: StartDecision;
  /** Starts that came due before it, when nobody looked. */
  readonly earlier: number;
}

/** A start that was requested and has not ended. */
export interface OpenStart {
  readonly request: string;
  readonly due_at: Date;
  readonly closes_at: Date;
  /** Null: no worker has taken it yet. */
  readonly begun_at: Date | null;
}

/** Decisions are kept as long as anybody may ask what happened in a night. */
const KEPT_DAYS = 90;
/** A line that was not looked at for this long, while another line of its job was, is no longer in any job file. */
const FORGOTTEN_AFTER_HOURS = 1;

/**
 * Returns the time of the clock that all processes of a ledger share, a server's own; null where the ledger is in
 * this process.
 */
export async function readServerTime(ledger: Pick<Ledger, 'engine' | 'query'>): Promise<Date | null> {
  if (ledger.engine === 'embedded') return null;
  return onlyRow(await ledger.query<{ now: Date }>('select clock_timestamp() as now')).now;
}

/**
 * Returns the time up to which the line was looked at, and marks it as looked at until `now`. Other processes wait
 * for the end of the transaction. Returns `now` itself where the line is new.
 */
export async function lookAtCronLine(on: Queryable, key: CronLineKey, now: Date): Promise<Date> {
  const { job, line, timeZone } = key;
  const parameters = [job, line, timeZone, now.toISOString()];
  await on.query(
    `insert into cron_line (job, line, time_zone, looked_at) values ($1, $2, $3, $4::timestamptz)
     on conflict (job, line, time_zone) do nothing`,
    parameters,
  );
  const { looked_at: lookedAt } = onlyRow(
    await on.query<{ looked_at: Date }>(
      'select looked_at from cron_line where job = $1 and line = $2 and time_zone = $3 for update',
      [job, line, timeZone],
    ),
  );
  await on.query(
    `update cron_line set looked_at = greatest(looked_at, $4::timestamptz)
     where job = $1 and line = $2 and time_zone = $3`,
    parameters,
  );
  return lookedAt;
}

/** Returns false where the start was already decided, by a process that had the job under another line. */
export async function noteStart(
  on: Queryable,
  job: string,
  { dueAt, closesAt, decision, earlier }: DecidedStart,
  now: Date,
): Promise<boolean> {
  const noted = await on.query(
    `insert into cron_start (job, due_at, closes_at, decision, decided_at, earlier)
     values ($1, $2::timestamptz, $3::timestamptz, $4, $5::timestamptz, $6)
     on conflict (job, due_at) do nothing returning request`,
    [job, dueAt.toISOString(), closesAt.toISOString(), decision, now.toISOString(), earlier],
  );
  return noted.length === 1;
}

/** Forgets old decisions, and lines of the job that are in no job file any more. */
export async function forgetOldStarts(on: Queryable, { job, line, timeZone }: CronLineKey): Promise<void> {
  await on.query(
    `delete from cron_start where job = $1 and decided_at < (select max(decided_at) from cron_start where job = $1)
       - make_interval(days => ${KEPT_DAYS})`,
    [job],
  );
  await on.query(
    `delete from cron_line where job = $1 and looked_at < (
       select looked_at from cron_line where job = $1 and line = $2 and time_zone = $3
     ) - make_interval(hours => ${FORGOTTEN_AFTER_HOURS})`,
    [job, line, timeZone],
  );
}

/** Returns the open starts of a job, oldest first. */
export async function findOpenStarts(on: Queryable, job: string): Promise<readonly OpenStart[]> {
  return await on.query<OpenStart>(
    `select request::text as request, due_at, closes_at, begun_at from cron_start
     where job = $1 and decision = 'requested' and ended_at is null order by due_at`,
    [job],
  );
}

/** What `serve` could not do in time for a job. */
export interface LateStarts {
  readonly job: string;
  /** When the oldest start was due that no worker has taken yet; null: none waits. */
  readonly waiting_since: Date | null;
  /** When the last start was due that nobody made within its window; null: none of those kept was missed. */
  readonly missed_at: Date | null;
}

/**
 * Returns at most `mostJobs` rows, one for each job that `serve` has starts of, those with the latest starts first.
 */
export async function readLateStarts(on: Queryable, mostJobs: number): Promise<readonly LateStarts[]> {
  return await on.query<LateStarts>(
    `select job,
            min(due_at) filter (where decision = 'requested' and begun_at is null and ended_at is null) as waiting_since,
            max(due_at) filter (where decision = 'missed') as missed_at
     from cron_start group by job order by max(due_at) desc, job limit $1`,
    [mostJobs],
  );
}

/** Returns the start as it was before this worker took it; null where it has ended or nobody requested it. */
export async function beginStart(on: Queryable, request: string, now: Date): Promise<OpenStart | null> {
  const rows = await on.query<OpenStart>(
    `with found as (
       select request, due_at, closes_at, begun_at from cron_start
       where request = $1::uuid and decision = 'requested' and ended_at is null for update)
     update cron_start s set begun_at = coalesce(s.begun_at, $2::timestamptz) from found f
     where s.request = f.request
     returning f.request::text as request, f.due_at, f.closes_at, f.begun_at`,
    [request, now.toISOString()],
  );
  return rows[0] ?? null;
}

export async function endStart(on: Queryable, request: string, now: Date): Promise<void> {
  await on.query(
    'update cron_start set ended_at = $2::timestamptz where request = $1::uuid and ended_at is null',
    [request, now.toISOString()],
  );
}

/** Nobody took it in time, but for the worker that finds so now. */
export async function missStart(on: Queryable, request: string, now: Date): Promise<void> {
  await on.query(
    `update cron_start set decision = 'missed', begun_at = null, decided_at = $2::timestamptz
     where request = $1::uuid and decision = 'requested' and ended_at is null`,
    [request, now.toISOString()],
  );
}

/** Starts of the job that no worker took before their windows closed are missed. Those it is so of. */
export async function missUntakenStarts(
  on: Queryable,
  job: string,
  now: Date,
): Promise<readonly OpenStart[]> {
  return await on.query<OpenStart>(
    `update cron_start set decision = 'missed', decided_at = $2::timestamptz
     where job = $1 and decision = 'requested' and begun_at is null and ended_at is null
       and closes_at <= $2::timestamptz
     returning request::text as request, due_at, closes_at, begun_at`,
    [job, now.toISOString()],
  );
}

/** Its worker is gone, and its window is over. False: it has ended meanwhile. */
export async function breakOffStart(on: Queryable, request: string, now: Date): Promise<boolean> {
  const broken = await on.query(
    `update cron_start set decision = 'broken_off', decided_at = $2::timestamptz, ended_at = $2::timestamptz
     where request = $1::uuid and decision = 'requested' and ended_at is null returning request`,
    [request, now.toISOString()],
  );
  return broken.length === 1;
}
