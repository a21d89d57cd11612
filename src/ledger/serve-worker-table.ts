import { onlyRow, type Queryable } from './ledger-port.ts';

export interface ServeWorker {
  /** A UUID that identifies the process. */
  readonly worker: string;
  readonly jobs: readonly string[];
  /** The number of further runs that the process could begin now. */
  readonly freeSlots: number;
}

/** A process reports every ten seconds. After this time without a report it counts as gone. */
const SILENT_SECONDS = 30;
const FORGOTTEN_HOURS = 24;

/**
 * Stores the report of a process with the time of the database's clock, and forgets processes that have been gone for a
 * day.
 */
export async function noteServeWorker(
  on: Queryable,
  { worker, jobs, freeSlots }: ServeWorker,
): Promise<void> {
  await on.query(
    `with forgotten as (
       delete from serve_worker
       where beat_at < clock_timestamp() - make_interval(hours => ${FORGOTTEN_HOURS}) and worker <> $1::uuid)
     insert into serve_worker (worker, jobs, free_slots, beat_at)
     values ($1::uuid, $2::text[], $3::integer, clock_timestamp())
     on conflict (worker) do update
       set jobs = excluded.jobs, free_slots = excluded.free_slots, beat_at = excluded.beat_at`,
    [worker, jobs, freeSlots],
  );
}

export async function forgetServeWorker(on: Queryable, worker: string): Promise<void> {
  await on.query('delete from serve_worker where worker = $1::uuid', [worker]);
}

/** Returns whether a process other than `worker` is alive and could begin a run of the job now. */
export async function hasFreeWorker(on: Queryable, job: string, worker: string): Promise<boolean> {
  const rows = await on.query<{ free: boolean }>(
    `select exists (
       select from serve_worker
       where worker <> $1::uuid and $2 = any (jobs) and free_slots > 0
         and beat_at > clock_timestamp() - make_interval(secs => ${SILENT_SECONDS})) as free`,
    [worker, job],
  );
  return onlyRow(rows).free;
}
