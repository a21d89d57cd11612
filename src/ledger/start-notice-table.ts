import type { StartDecision } from './cron-table.ts';
import type { Queryable } from './ledger-port.ts';

/** A start that did not happen as planned, and that nobody was told about yet. */
export interface UntoldStart {
  readonly request: string;
  readonly due_at: Date;
  readonly closes_at: Date;
  readonly decision: Exclude<StartDecision, 'requested'>;
  /** The number of starts before this one that were missed as well. */
  readonly earlier: number;
  /** The time at which people were last told about a skipped start of the job; null where the ledger knows of none. */
  readonly skip_told_at: Date | null;
  /** True where a start of the job was made after the one of that message. */
  readonly was_made_since: boolean;
}

/** A process that takes a start has this long to tell it; then another process may take it. */
const TELLING_MINUTES = 10;
/** A start is no news any more after this time. */
const NEWS_HOURS = 24;

/** Takes the oldest start that no process is telling, so that the caller tells it; null where there is none. */
export async function takeUntoldStart(on: Queryable, job: string, now: Date): Promise<UntoldStart | null> {
  const rows = await on.query<UntoldStart>(
    `with next as (
       select request from cron_start
       where job = $1 and decision <> 'requested' and notice is null
         and decided_at > $2::timestamptz - make_interval(hours => ${NEWS_HOURS})
         and (telling_until is null or telling_until <= $2::timestamptz)
       order by due_at limit 1 for update skip locked),
     told_skip as (
       select due_at, noticed_at from cron_start
       where job = $1 and decision = 'skipped' and notice = 'told' order by due_at desc limit 1)
     update cron_start s set telling_until = $2::timestamptz + make_interval(mins => ${TELLING_MINUTES})
     from next where s.request = next.request
     returning s.request::text as request, s.due_at, s.closes_at, s.decision, s.earlier,
       (select noticed_at from told_skip) as skip_told_at,
       exists (select from cron_start m join told_skip t on m.due_at > t.due_at
               where m.job = $1 and m.decision in ('requested', 'broken_off') and m.due_at < s.due_at) as was_made_since`,
    [job, now.toISOString()],
  );
  return rows[0] ?? null;
}

/** Notes that nothing more is to be told about the start. */
export async function noteStartNotice(
  on: Queryable,
  request: string,
  notice: 'told' | 'known',
  now: Date,
): Promise<void> {
  await on.query(
    `update cron_start set notice = $2, noticed_at = $3::timestamptz
     where request = $1::uuid and notice is null`,
    [request, notice, now.toISOString()],
  );
}
