import type { StartDecision } from './cron-table.ts';
import type { Queryable } from './ledger-port.ts';

/** A start that did not happen as it was to, and that nobody was told of yet. */
export interface UntoldStart {
  readonly request: string;
  readonly due_at: Date;
  readonly closes_at: Date;
  readonly decision: Exclude<StartDecision, 'requested'>;
  /** Starts before it that were missed as well. */
  readonly earlier: number;
  /** When people were last told of a skipped start of the job; null: never, or long ago. */
  readonly skip_told_at: Date | null;
  /** A start has been made since the one of that message. */
  readonly was_made_since: boolean;
}

/** Whoever takes it to be told has so long; then another process does. */
const TELLING_MINUTES = 10;
/** What could not be told by then is none of today's news. */
const NEWS_HOURS = 24;

/** The oldest that nobody tells just now, which is the caller's to tell from now on; null: there is none. */
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

/** Nothing more is to be told of it. */
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
