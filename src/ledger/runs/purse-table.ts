import { onlyRow, type Queryable } from '../ledger-port.ts';

/** Jobs with runs of this night or a later one, and all that have reconciliations. */
export async function readJobsSince(on: Queryable, night: string): Promise<string[]> {
  const rows = await on.query<{ job: string }>(
    'select job from run where night >= $1::date union select job from reconciliation',
    [night],
  );
  return rows.map(({ job }) => job);
}

/** Calls of both kinds that these jobs made in a night, without those surely not sent and those from a person's own purse. */
export async function countCallsOfJobs(
  on: Queryable,
  jobs: readonly string[],
  night: string,
): Promise<number> {
  const rows = await on.query<{ calls: number }>(
    `select ((select count(*) from run r join attempt a on a.run_no = r.run_no and a.night = $2::date
              where r.job = any($1::text[]) and r.night >= $2::date and a.reply_kind <> 'not_sent')
           + (select count(*) from reconciliation r
                join reconciliation_call c on c.reconciliation_no = r.reconciliation_no and c.night = $2::date
              where r.job = any($1::text[]) and c.reply_kind <> 'not_sent')
           - (select coalesce(sum(calls), 0) from own_calls where job = any($1::text[]) and night = $2::date))::integer as calls`,
    [jobs, night],
  );
  return Math.max(0, onlyRow(rows).calls);
}

/** Adds calls that a person's request made from a purse of its own. */
export async function noteOwnCalls(on: Queryable, job: string, night: string, calls: number): Promise<void> {
  await on.query(
    `insert into own_calls as kept (job, night, calls) values ($1, $2::date, $3)
     on conflict (job, night) do update set calls = kept.calls + excluded.calls`,
    [job, night, calls],
  );
}
