import { failedClasses } from '../domain/class.ts';
import type { ExitCause } from '../domain/exit-cause.ts';
import { onlyRow, type Queryable } from './ledger-port.ts';

/** How a job's last start ended. */
export interface JobEndRow {
  readonly job: string;
  readonly ended_at: Date;
  readonly exit_code: number;
  readonly exit_cause: ExitCause;
  /** Null: no start has done its work yet. */
  readonly succeeded_at: Date | null;
  /** Figures as the writing process made them; null: no start had a run yet. */
  readonly figures: unknown;
}

export interface WrittenJobEnd {
  readonly at: Date;
  readonly exitCode: number;
  readonly exitCause: ExitCause;
  readonly isSuccess: boolean;
  /** Null: the start had no run, and the figures of an earlier start stay. */
  readonly figures: object | null;
}

export async function writeJobEnd(on: Queryable, job: string, end: WrittenJobEnd): Promise<void> {
  const at = end.at.toISOString();
  await on.query(
    `insert into job_end as kept (job, ended_at, exit_code, exit_cause, succeeded_at, figures)
     values ($1, $2::timestamptz, $3, $4, $5::timestamptz, $6::jsonb)
     on conflict (job) do update
     set ended_at = excluded.ended_at, exit_code = excluded.exit_code, exit_cause = excluded.exit_cause,
         succeeded_at = coalesce(excluded.succeeded_at, kept.succeeded_at), figures = coalesce(excluded.figures, kept.figures)`,
    [
      job,
      at,
      end.exitCode,
      end.exitCause,
      end.isSuccess ? at : null,
      end.figures === null ? null : JSON.stringify(end.figures),
    ],
  );
}

/** Returns the jobs that were started since then, the latest first. */
export async function readJobEnds(on: Queryable, since: Date, most: number): Promise<JobEndRow[]> {
  return await on.query<JobEndRow>(
    `select job, ended_at, exit_code, exit_cause, succeeded_at, figures from job_end
     where ended_at > $1::timestamptz order by ended_at desc, job limit $2`,
    [since.toISOString(), most],
  );
}

/**
 * Returns since when the longest-failing unsettled record of these runs has had its class; null where none fails. It
 * reads the runs' rows once, and one record for each failing row.
 */
export async function readOldestOpen(on: Queryable, runIds: readonly string[]): Promise<Date | null> {
  const rows = await on.query<{ since: Date | null }>(
    `select min(e.since) as since
     from run r join list_row l on l.run_no = r.run_no and l.class = any($2::text[]) and l.resolution_no is null
     join enrollment e on e.provider = r.provider and e.user_id = l.user_id and e.par = l.par
     where r.id = any($1::text[])`,
    [runIds, failedClasses],
  );
  return onlyRow(rows).since;
}
