import type { Queryable } from '../ledger-port.ts';

/** Calls of a run, of both kinds, in one stretch of time. Calls with other answers count in `calls` only. */
export interface CourseBucket {
  /** Pauses before it that were left out; buckets of one stretch follow each other without a hole longer than that. */
  readonly stretch: number;
  /** Number in its stretch; those without a call are missing. */
  readonly bucket: number;
  readonly startedAt: Date;
  readonly calls: number;
  /** Answered 429. */
  readonly throttled: number;
  /** Answered 5xx. */
  readonly serverErrors: number;
  /** Not answered, lost or not sent. */
  readonly unanswered: number;
}

/** A time between two calls in which no call left. */
export interface CourseGap {
  readonly from: Date;
  readonly until: Date;
}

export interface RunCourse {
  readonly widthMs: number;
  readonly buckets: readonly CourseBucket[];
  readonly gaps: readonly CourseGap[];
  /** Time between two calls that is more than a minute, all of it added. */
  readonly idleMs: number;
}

interface CourseExtent {
  readonly first: Date | null;
  readonly last: Date | null;
}

const SHORTEST_GAP_MS = 60_000;
/** Of the run's whole length: no more than this many gaps can be left out. */
const MOST_GAPS = 40;

/**
 * A run's calls over its time in about `most` buckets of equal width, `shortestMs` at least, however long it took.
 * Each reading is one pass over the run's calls. Null without calls.
 */
export async function readRunCourse(
  on: Queryable,
  runNo: number,
  { most, shortestMs }: { readonly most: number; readonly shortestMs: number },
): Promise<RunCourse | null> {
  const [extent] = await on.query<CourseExtent>(
    'select min(sent_at) as first, max(sent_at) as last from attempt where run_no = $1',
    [runNo],
  );
  if (extent === undefined || extent.first === null || extent.last === null) return null;
  const wholeMs = extent.last.getTime() - extent.first.getTime();
  const gapMs = Math.max(SHORTEST_GAP_MS, shortestMs, Math.ceil(wholeMs / MOST_GAPS));
  const pauses = await readPauses(on, runNo, gapMs);
  const gaps = pauses.flatMap(({ from, until, isGap }) => (isGap ? [{ from, until }] : []));
  const leftOutMs = gaps.reduce((sum, { from, until }) => sum + (until.getTime() - from.getTime()), 0);
  const widthMs = Math.max(shortestMs, Math.ceil((wholeMs - leftOutMs + 1) / most));
  const starts = [extent.first, ...gaps.map(({ until }) => until)];
  return {
    widthMs,
    buckets: await readBuckets(on, runNo, starts, widthMs),
    gaps,
    idleMs: pauses.reduce((sum, { lengthMs }) => sum + lengthMs, 0),
  };
}

interface Pause {
  readonly from: Date;
  readonly until: Date;
  readonly lengthMs: number;
  readonly isGap: boolean;
}

/** Finds the pauses to leave out one by one, and all shorter ones as one. */
async function readPauses(on: Queryable, runNo: number, gapMs: number): Promise<Pause[]> {
  return await on.query<Pause>(
    `with steps as (
       select sent_at as until, lag(sent_at) over (order by sent_at) as since from attempt where run_no = $1),
     pauses as (
       select since, until, until - since > make_interval(secs => $3::float8) as is_gap
       from steps where until - since > make_interval(secs => $2::float8))
     select min(since) as from, max(until) as until, is_gap as "isGap",
            (sum(extract(epoch from until - since)) * 1000)::float8 as "lengthMs"
     from pauses group by is_gap, case when is_gap then until end order by 2`,
    [runNo, SHORTEST_GAP_MS / 1000, gapMs / 1000],
  );
}

async function readBuckets(
  on: Queryable,
  runNo: number,
  starts: readonly Date[],
  widthMs: number,
): Promise<CourseBucket[]> {
  return await on.query<CourseBucket>(
    `with starts as (
       select started_at, stretch - 1 as stretch, lead(started_at) over (order by stretch) as ended_at
       from unnest($2::timestamptz[]) with ordinality as s(started_at, stretch)),
     placed as (
       select s.stretch, s.started_at, floor(extract(epoch from a.sent_at - s.started_at) * 1000 / $3::integer)::integer as bucket,
              a.http_status, a.reply_kind
       from starts s join attempt a on a.run_no = $1 and a.sent_at >= s.started_at
         and (s.ended_at is null or a.sent_at < s.ended_at))
     select stretch::integer as stretch, bucket, started_at + make_interval(secs => bucket * ($3::float8 / 1000)) as "startedAt",
            count(*)::integer as calls,
            (count(*) filter (where reply_kind = 'answered' and http_status = 429))::integer as throttled,
            (count(*) filter (where reply_kind = 'answered' and http_status >= 500))::integer as "serverErrors",
            (count(*) filter (where reply_kind <> 'answered'))::integer as unanswered
     from placed group by stretch, bucket, started_at order by stretch, bucket`,
    [runNo, starts.map((start) => start.toISOString()), widthMs],
  );
}
