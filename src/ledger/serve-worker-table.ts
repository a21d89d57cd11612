import { onlyRow, type Queryable } from './ledger-port.ts';

export interface ServeWorker {
  /** A UUID of the process. */
  readonly worker: string;
  readonly jobs: readonly string[];
  /** How many more runs it could begin now. */
  readonly freeSlots: number;
}

/** A process says so every ten seconds. Without a word for so long it is taken for gone. */
const SILENT_SECONDS = 30;
const FORGOTTEN_HOURS = 24;

/** Keeps what a process says of itself, by the database's clock, and forgets processes that have been gone for a day. */
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
