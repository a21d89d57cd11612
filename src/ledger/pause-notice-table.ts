import type { Queryable } from './ledger-port.ts';
import type { ProviderPause } from './pause-table.ts';

export type PauseEvent = 'paused' | 'resumed';

/** The beginning or the end of a pause that these places have not been told about. */
export interface UntoldPause extends ProviderPause {
  readonly pauseNo: number;
  readonly event: PauseEvent;
  /** The person who ended the pause early; null where nobody did. */
  readonly resumedBy: string | null;
}

/** A process that takes an event has this long to tell it; then another process may take it. */
const TELLING_MINUTES = 10;
/** The end of a pause is no news any more after this time. */
const NEWS_HOURS = 1;

/**
 * Takes the oldest event that no process is telling these places, so that the caller tells it; null where there is
 * none. A beginning is told while its pause is under way. An end is told only where the beginning was told, and where
 * no other pause goes on beyond it.
 */
export async function takeUntoldPause(
  on: Queryable,
  provider: string,
  places: string,
): Promise<UntoldPause | null> {
  const rows = await on.query<UntoldPause>(
    `with pause as (
       select *, coalesce(resumed_at, ends_at) as over_at from provider_pause where provider = $1),
     taken as (
       insert into pause_notice as n (pause_no, event, places, telling_until)
       select p.pause_no, e.event, $2, clock_timestamp() + make_interval(mins => ${TELLING_MINUTES})
       from pause p cross join (values ('paused'), ('resumed')) e (event)
       where case e.event when 'paused' then p.over_at > clock_timestamp() else
           p.over_at <= clock_timestamp() and p.over_at > clock_timestamp() - make_interval(hours => ${NEWS_HOURS})
           and exists (select from pause_notice t where t.pause_no = p.pause_no and t.event = 'paused'
                       and t.places = $2 and t.told_at is not null)
           and not exists (select from pause o where o.began_at <= p.over_at
                           and (o.over_at, o.pause_no) > (p.over_at, p.pause_no)) end
         and not exists (select from pause_notice t where t.pause_no = p.pause_no and t.event = e.event
                         and t.places = $2 and (t.told_at is not null or t.telling_until > clock_timestamp()))
       order by p.pause_no limit 1
       on conflict (pause_no, event, places) do update set telling_until = excluded.telling_until
         where n.told_at is null and n.telling_until <= clock_timestamp()
       returning pause_no, event)
     select t.pause_no as "pauseNo", t.event, p.provider, p.paused_by as "by", p.note, p.began_at as "from",
            p.over_at as "until", p.resumed_by as "resumedBy"
     from taken t join pause p on p.pause_no = t.pause_no`,
    [provider, places],
  );
  return rows[0] ?? null;
}

/** Returns whether a pause is recent enough that there may be something to tell. */
export async function hasRecentPause(on: Queryable, provider: string): Promise<boolean> {
  const rows = await on.query(
    `select pause_no from provider_pause
     where provider = $1 and ends_at > clock_timestamp() - make_interval(hours => ${NEWS_HOURS}) limit 1`,
    [provider],
  );
  return rows.length === 1;
}

export async function notePauseTold(
  on: Queryable,
  { pauseNo, event }: Pick<UntoldPause, 'pauseNo' | 'event'>,
  places: string,
): Promise<void> {
  await on.query(
    `update pause_notice set told_at = clock_timestamp()
     where pause_no = $1 and event = $2 and places = $3`,
    [pauseNo, event, places],
  );
}

/** Returns the beginnings of the pauses that these places were told about. */
export async function readToldPauses(
  on: Queryable,
  provider: string,
  places: string,
): Promise<readonly Date[]> {
  const rows = await on.query<{ began_at: Date }>(
    `select p.began_at from provider_pause p join pause_notice n on n.pause_no = p.pause_no
     where p.provider = $1 and n.places = $2 and n.event = 'paused' and n.told_at is not null`,
    [provider, places],
  );
  return rows.map(({ began_at: at }) => at);
}
