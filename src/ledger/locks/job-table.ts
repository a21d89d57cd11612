import { STALE_SECONDS, type JobHolder } from './job-lock.ts';
import type { Queryable } from '../ledger-port.ts';
import { onlyRow } from '../ledger-port.ts';

/** A process that has, or had, a job. Each taking makes a new holder, even by the same process. */
export interface Holding {
  readonly host: string;
  readonly pid: number;
  /** timestamptz as text, to the microsecond. */
  readonly since: string;
}

export interface JobRow {
  readonly generation: number;
  readonly host: string | null;
  readonly pid: number | null;
  readonly since: Date | null;
  readonly stale: boolean;
}

const columns = `generation, host, pid, since,
  beat_at is null or beat_at < clock_timestamp() - make_interval(secs => ${STALE_SECONDS}) as stale`;

/**
 * Reads the job's row and locks it against everybody else who would take the job. Null where another has it locked: its
 * holder in a fenced transaction, or a process that takes the job at this moment. It waits for nobody, because the
 * holder's next beat would then wait behind us.
 */
export async function lockJobRow(on: Queryable, job: string): Promise<JobRow | null> {
  await on.query('insert into job (name) values ($1) on conflict (name) do nothing', [job]);
  const rows = await on.query<JobRow>(`select ${columns} from job where name = $1 for update skip locked`, [
    job,
  ]);
  return rows[0] ?? null;
}

/** Returns the holder from the row, as a person is told. */
export async function readJobHolder(on: Queryable, job: string): Promise<JobHolder> {
  return holderOf(onlyRow(await on.query<JobRow>(`select ${columns} from job where name = $1`, [job])));
}

export function holderOf(row: JobRow): JobHolder {
  return {
    host: row.host ?? 'unknown host',
    pid: row.pid ?? 0,
    since: row.since?.toISOString() ?? 'unknown',
  };
}

export async function takeJob(
  on: Queryable,
  job: string,
  generation: number,
  me: { readonly host: string; readonly pid: number },
): Promise<Holding> {
  const taken = await on.query<{ since: string }>(
    `update job set generation = $2, host = $3, pid = $4, since = clock_timestamp(), beat_at = clock_timestamp(),
            progress = null
     where name = $1 returning since::text as since`,
    [job, generation, me.host, me.pid],
  );
  return { ...me, since: onlyRow(taken).since };
}

const IS_HELD = `name = $1 and host = $2 and pid = $3 and since = $4::timestamptz`;

function parametersOf(job: string, { host, pid, since }: Holding): readonly (string | number)[] {
  return [job, host, pid, since];
}

/**
 * Returns the generation of the holder's advisory lock; null where the job is another's. Until the transaction ends
 * nobody can take the job. It does not wait for the holder's own fenced transactions.
 */
export async function lockOwnJobRow(on: Queryable, job: string, holding: Holding): Promise<number | null> {
  const rows = await on.query<{ generation: number }>(
    `select generation from job where ${IS_HELD} for no key update`,
    parametersOf(job, holding),
  );
  return rows[0]?.generation ?? null;
}

export async function setJobGeneration(on: Queryable, job: string, generation: number): Promise<void> {
  await on.query('update job set generation = $2 where name = $1', [job, generation]);
}

/** Beats; returns false where the job is another's by now. */
export async function beatJob(
  on: Queryable,
  job: string,
  holding: Holding,
  progress: unknown,
): Promise<boolean> {
  const rows = await on.query(
    `update job set beat_at = clock_timestamp(), progress = $5 where ${IS_HELD} returning name`,
    [...parametersOf(job, holding), JSON.stringify(progress)],
  );
  return rows.length === 1;
}

/**
 * Returns false where the job is another's by now; otherwise nobody can take it until the transaction ends. It takes
 * the weakest lock for that, because the holder's own beat is an update and must not wait for a transaction of minutes.
 */
export async function fenceJob(on: Queryable, job: string, holding: Holding): Promise<boolean> {
  const rows = await on.query(
    `select 1 as held from job where ${IS_HELD} for key share`,
    parametersOf(job, holding),
  );
  return rows.length === 1;
}

/** Clears the beat, so that `status` no longer shows the job as live. */
export async function clearBeat(on: Queryable, job: string, holding: Holding): Promise<void> {
  await on.query(
    `update job set beat_at = null, progress = null where ${IS_HELD}`,
    parametersOf(job, holding),
  );
}

/**
 * SQL for the key of a job's lock. The schema is part of it, so two ledgers in one database don't share their locks.
 */
export function lockKeyOf(job: string, generation: string): string {
  return `hashtextextended(concat_ws(':', 'kona-enroll', current_schema(), ${job}, ${generation}), 0)`;
}

const LOCK_KEY = lockKeyOf('$1::text', '$2::text');

/** The lock is the session's: it outlives the transaction, and ends with the connection. */
export async function tryAdvisoryLock(on: Queryable, job: string, generation: number): Promise<boolean> {
  const sql = `select pg_try_advisory_lock(${LOCK_KEY}) as taken`;
  return onlyRow(await on.query<{ taken: boolean }>(sql, [job, String(generation)])).taken;
}

export async function unlockAdvisory(on: Queryable, job: string, generation: number): Promise<void> {
  await on.query(`select pg_advisory_unlock(${LOCK_KEY})`, [job, String(generation)]);
}

/**
 * Takes the lock of a later generation than `generation`. The next generations may be held by dead connections that the
 * server still takes for alive.
 */
export async function lockNextGeneration(on: Queryable, job: string, generation: number): Promise<number> {
  const MOST = 1_000;
  for (let next = generation + 1; next <= generation + MOST; next += 1) {
    if (await tryAdvisoryLock(on, job, next)) return next;
  }
  throw new Error(`job ${job}: ${MOST} locks after generation ${generation} are held`);
}
