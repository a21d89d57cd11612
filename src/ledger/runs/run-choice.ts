import type { Queryable } from '../ledger-port.ts';
import { ROWLESS_LIST } from '../sql-lists.ts';
import { runColumns, type RunRow } from './run-table.ts';

/** Returns the runs with these ids that the ledger holds, newest first. */
export async function findRuns(on: Queryable, ids: readonly string[]): Promise<RunRow[]> {
  return await on.query<RunRow>(
    `select ${runColumns} from run where id = any($1::text[]) order by run_no desc`,
    [ids],
  );
}

/** Returns the jobs that have runs with rows to take, by name. */
export async function readJobsWithRows(on: Queryable): Promise<string[]> {
  const rows = await on.query<{ job: string }>(
    `select distinct job from run where state not in ${ROWLESS_LIST} and purge_began_at is null order by job`,
  );
  return rows.map(({ job }) => job);
}

/** Returns the runs of a job's latest night that have rows, in the order they began. Refused lists have none. */
export async function findRunsOfLastNight(on: Queryable, job: string): Promise<RunRow[]> {
  return await on.query<RunRow>(
    `with rows_of as (select * from run where job = $1 and state not in ${ROWLESS_LIST})
     select ${runColumns} from rows_of where night = (select max(night) from rows_of) order by run_no`,
    [job],
  );
}

/** Returns the newest runs of these jobs that began before run `before`; null: the very newest. */
export async function readRunsBefore(
  on: Queryable,
  jobs: readonly string[],
  { before, most }: { readonly before: number | null; readonly most: number },
): Promise<RunRow[]> {
  return await on.query<RunRow>(
    `select ${runColumns} from run where job = any($1::text[]) and ($2::integer is null or run_no < $2)
     order by run_no desc limit $3`,
    [jobs, before, most],
  );
}
