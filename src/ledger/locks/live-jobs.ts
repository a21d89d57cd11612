import type { Queryable } from '../ledger-port.ts';
import { STALE_SECONDS } from './job-lock.ts';
import { lockKeyOf } from './job-table.ts';

export interface LiveJob {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly since: Date;
  readonly beat_at: Date;
  readonly progress: unknown;
}

/**
 * Finds the jobs of live processes on server Postgres: the lock is held and the last beat is recent. The server frees
 * the lock of a dead process long before its beat is old. Where it does not learn of the death, the old beat tells.
 */
export async function readLiveJobs(on: Queryable): Promise<LiveJob[]> {
  return await on.query<LiveJob>(
    `with held as materialized (
       select (classid::bigint << 32) | objid::bigint as key from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted
         and database = (select oid from pg_database where datname = current_database()))
     select name, host, pid, since, beat_at, progress from job
     where beat_at >= clock_timestamp() - make_interval(secs => $1)
       and ${lockKeyOf('name', 'generation::text')} in (select key from held)
     order by name`,
    [STALE_SECONDS],
  );
}
