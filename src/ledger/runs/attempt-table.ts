import type { CallKind } from '../../domain/outcome.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

export interface AttemptFigures {
  /** That register. */
  readonly calls: number;
  /** Calls that ask for a member's plans. */
  readonly inquiries: number;
  /** Calls beyond the first of each record. */
  readonly retries: number;
  /** Of the calls, those of a process that died: they were marked as sent, and may not have left. */
  readonly lost: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export async function readAttemptFigures(on: Queryable, runNo: number): Promise<AttemptFigures> {
  return onlyRow(
    await on.query<AttemptFigures>(
      `with attempts as (select record_no, sent_at, latency_ms, reply_kind, http_status, call from attempt where run_no = $1)
       select count(*)::integer as calls, (count(*) - count(distinct record_no))::integer as retries,
              (select count(*) from attempts where call = 'plans')::integer as inquiries,
              (count(*) filter (where reply_kind = 'lost'))::integer as lost,
              percentile_disc(0.5) within group (order by latency_ms) filter (where reply_kind = 'answered') as p50,
              percentile_disc(0.9) within group (order by latency_ms) filter (where reply_kind = 'answered') as p90,
              percentile_disc(0.99) within group (order by latency_ms) filter (where reply_kind = 'answered') as p99
       from attempts where call = 'register'`,
      [runNo],
    ),
  );
}

/** When the run's last call left, as the clock would have said had nobody put it elsewhere; null: it made none. */
export async function readLastLeft(on: Queryable, runNo: number): Promise<Date | null> {
  const rows = await on.query<{ last: Date | null }>(
    `select greatest((select max(sent_at) from attempt where run_no = $1),
                     (select max(steady_at) from attempt where run_no = $1 and steady_at is not null)) as last`,
    [runNo],
  );
  return onlyRow(rows).last;
}

/**
 * When a call left, in SQL: by the clock, unless it was put elsewhere while the run called. Both say the same where it
 * was not, and only the first is in the order of an index.
 */
async function leftAtOf(on: Queryable, runNo: number): Promise<string> {
  const [step] = await on.query('select 1 from attempt where run_no = $1 and steady_at is not null limit 1', [
    runNo,
  ]);
  return step === undefined ? 'sent_at' : 'coalesce(steady_at, sent_at)';
}

/** A part of a run, by when its calls left. Null: from its beginning, to its end. */
export interface Stretch {
  readonly after: Date | null;
  readonly until: Date | null;
}

export interface StretchFigures {
  /** Calls of both kinds that surely left. */
  readonly calls: number;
  /** Most of them that left in any one window. */
  readonly fullest: number;
}

/**
 * The calls of a stretch and its fullest window of `windowMs`. A call that was only marked before its process
 * died is no part of either: it may never have left.
 */
export async function readStretch(
  on: Queryable,
  runNo: number,
  { after, until }: Stretch,
  windowMs: number,
): Promise<StretchFigures> {
  const leftAt = await leftAtOf(on, runNo);
  return onlyRow(
    await on.query<StretchFigures>(
      `select count(*)::integer as calls, coalesce(max(in_window), 0)::integer as fullest from (
         select count(*) over (order by ${leftAt} range between make_interval(secs => $2) preceding and current row) as in_window
         from attempt
         where run_no = $1 and reply_kind not in ('not_sent', 'lost')
           and ($3::timestamptz is null or ${leftAt} > $3::timestamptz)
           and ($4::timestamptz is null or ${leftAt} <= $4::timestamptz)) as windows`,
      [runNo, (windowMs - 1) / 1000, after?.toISOString() ?? null, until?.toISOString() ?? null],
    ),
  );
}

export interface CallRate {
  readonly perSecond: number;
  /** Calls under way at once, on an average. */
  readonly inFlight: number;
}

/**
 * Over the time in which calls were made: the time between two calls where it is no more than a minute; what is longer
 * was a stop or a pause. `lastMs` stands for the time after a last call, before a stop as at the end: with one that is
 * the rate's own, a run that keeps its rate never shows more than it. Of less time than `leastMs` nothing can be said, so
 * it counts as that much. 0 without calls.
 */
export async function readCallRate(
  on: Queryable,
  runNo: number,
  { lastMs, leastMs }: { readonly lastMs: number; readonly leastMs: number },
): Promise<CallRate> {
  const leftAt = await leftAtOf(on, runNo);
  const rows = await on.query<CallRate>(
    `with gaps as (
       select extract(epoch from lead(${leftAt}) over (order by ${leftAt}) - ${leftAt})::float8 as seconds, latency_ms
       from attempt where run_no = $1 and reply_kind <> 'not_sent'),
     spent as (
       select count(*) as calls, sum(latency_ms)::float8 / 1000 as under_way,
              greatest($3::float8, sum(case when seconds <= greatest(60, $2::float8) then seconds else $2::float8 end)) as seconds
       from gaps)
     select coalesce(calls / seconds, 0)::float8 as "perSecond", coalesce(under_way / seconds, 0)::float8 as "inFlight" from spent`,
    [runNo, lastMs / 1000, leastMs / 1000],
  );
  return onlyRow(rows);
}

/** Seconds in which calls were made, and how many of them went by for want of the provider. */
export interface TimeLost {
  /** All of it: the time between two calls, up to a minute, or after trouble up to eleven. */
  readonly seconds: number;
  /** Behind 429 and 503. */
  readonly refusals: number;
  /** Behind calls that were sent and not answered. */
  readonly silence: number;
  /** Behind refused connections and server errors. */
  readonly outage: number;
  /** While a person had paused the provider. */
  readonly paused: number;
}

/** How long trouble is taken to be why calls come late: slowed pace and breaker have recovered by then. */
const TROUBLE_SECONDS = 60;
/** A run waits ten minutes at most for a provider; what is longer was a stop. */
const LONGEST_WAIT_SECONDS = 660;

/**
 * Weighs time, not calls: each stretch between two calls that is longer than `betweenSeconds`, which is what the rate
 * asks for, is lost to the last trouble before it, where that was within a minute. One that a person's pause fills, but for
 * a minute in which the calls under way ended and new ones began, is lost to the pause. So is the time before the first
 * call. All 0 without calls.
 */
export async function readTimeLost(on: Queryable, runNo: number, betweenSeconds: number): Promise<TimeLost> {
  const leftAt = await leftAtOf(on, runNo);
  return onlyRow(
    await on.query<TimeLost>(
      `with pause as (
         select lower(span) as began_at, upper(span) as ended_at
         from (select unnest(range_agg(tstzrange(p.began_at, coalesce(p.resumed_at, p.ends_at)))) as span
               from run r join provider_pause p on p.provider = r.provider
               where r.run_no = $1 and coalesce(p.resumed_at, p.ends_at) > r.started_at) s),
       calls as (
         select row_number() over (order by ${leftAt}, attempt_no) as n, ${leftAt} as sent_at,
                extract(epoch from lead(${leftAt}) over (order by ${leftAt}, attempt_no) - ${leftAt})::float8 as seconds,
                case when http_status in (429, 503) then 'refusals' when reply_kind = 'no_answer' then 'silence'
                     when reply_kind = 'not_sent' or http_status >= 500 then 'outage' end as trouble
         from attempt where run_no = $1
         union all
         select 0, started_at, extract(epoch from (select min(${leftAt}) from attempt where run_no = $1) - started_at)::float8, null
         from run where run_no = $1 and exists (select 1 from pause)),
       after as (
         select *, max(n) filter (where trouble is not null) over (order by n) as last_n from calls),
       told as (
         select a.n, a.seconds, t.trouble as cause,
                case when a.seconds > 1 then (
                  select sum(extract(epoch from least(p.ended_at, a.sent_at + make_interval(secs => a.seconds))
                                                - greatest(p.began_at, a.sent_at)))::float8
                  from pause p
                  where p.began_at < a.sent_at + make_interval(secs => a.seconds) and p.ended_at > a.sent_at) end as paused
         from after a left join calls t on t.n = a.last_n and t.sent_at >= a.sent_at - make_interval(secs => $3)),
       caused as (
         select n, seconds, paused, case when seconds - paused <= $3::float8 and paused > seconds / 2 then 'paused' else cause end as cause
         from told where seconds is not null),
       weighed as (
         select cause, case when cause = 'paused' then paused when n = 0 then null
                            when cause is not null then least(seconds, $4::float8) when seconds <= 60 then seconds end as waited
         from caused)
       select coalesce(sum(waited), 0)::float8 as seconds,
              coalesce(sum(greatest(waited - $2::float8, 0)) filter (where cause = 'refusals'), 0)::float8 as refusals,
              coalesce(sum(greatest(waited - $2::float8, 0)) filter (where cause = 'silence'), 0)::float8 as silence,
              coalesce(sum(greatest(waited - $2::float8, 0)) filter (where cause = 'outage'), 0)::float8 as outage,
              coalesce(sum(waited) filter (where cause = 'paused'), 0)::float8 as paused
       from weighed`,
      [runNo, betweenSeconds, TROUBLE_SECONDS, LONGEST_WAIT_SECONDS],
    ),
  );
}

/** The runs of a job, or all those of other jobs. */
export interface CallersOf {
  readonly job: string;
  readonly isOthers: boolean;
}

/** How long after it was signed an inquiry under way may leave. */
const SIGNED_FOR_SECONDS = 60;

/**
 * Milliseconds since each call to this provider that left within the last `windowMs`, made by the job's runs and
 * reconciliations or by those of others, youngest first and `most` of them (Infinity: all); by `now`, our own clock,
 * which also stamped them. Of an inquiry that a dead process had under way only the latest possible moment is known.
 */
export async function readRecentCalls(
  on: Queryable,
  whose: CallersOf & { readonly provider: string },
  now: Date,
  { windowMs, most }: { readonly windowMs: number; readonly most: number },
): Promise<number[]> {
  const since = new Date(now.getTime() - windowMs).toISOString();
  const rows = await on.query<{ sent_at: Date }>(
    `with left_at as (
       select a.sent_at from attempt a join run r on r.run_no = a.run_no
       where r.provider = $1 and a.sent_at > $2::timestamptz and (r.finished_at is null or r.finished_at > $2::timestamptz)
         and (r.job <> $4) = $5
       union all
       select case when c.reply_kind = 'under_way' then c.sent_at + make_interval(secs => $6) else c.sent_at end
       from reconciliation_call c join reconciliation r on r.reconciliation_no = c.reconciliation_no
       where r.provider = $1 and c.sent_at > $2::timestamptz - make_interval(secs => $6) and (r.job <> $4) = $5)
     select sent_at from left_at where sent_at > $2::timestamptz order by sent_at desc limit $3`,
    [
      whose.provider,
      since,
      Number.isFinite(most) ? most : null,
      whose.job,
      whose.isOthers,
      SIGNED_FOR_SECONDS,
    ],
  );
  return rows.map((row) => Math.max(0, now.getTime() - row.sent_at.getTime()));
}

/** Calls to this provider since an instant, whichever run or reconciliation made them; without those surely not sent. */
export async function countCallsSince(on: Queryable, provider: string, since: Date): Promise<number> {
  const rows = await on.query<{ calls: number }>(
    `select ((select count(*) from attempt a join run r on r.run_no = a.run_no
              where r.provider = $1 and a.sent_at >= $2::timestamptz and a.reply_kind <> 'not_sent'
                and (r.finished_at is null or r.finished_at >= $2::timestamptz))
           + (select count(*) from reconciliation_call c join reconciliation r on r.reconciliation_no = c.reconciliation_no
              where r.provider = $1 and c.sent_at >= $2::timestamptz and c.reply_kind <> 'not_sent'))::integer as calls`,
    [provider, since.toISOString()],
  );
  return onlyRow(rows).calls;
}

/** One call, for a person who asks about a record. */
export interface AttemptRow {
  readonly call: CallKind;
  readonly run_id: string;
  readonly line: number | null;
  readonly correlation_id: string;
  readonly sent_at: Date;
  readonly latency_ms: number | null;
  readonly reply_kind: 'answered' | 'not_sent' | 'no_answer' | 'lost';
  readonly http_status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly error: string | null;
  /** The body as it came, capped; null where none did. */
  readonly raw_reply: string | null;
  readonly outcome: string;
  /** The correlation id that the answer carried where it was another one. */
  readonly answer_correlation_id: string | null;
}

export async function readAttemptsOfRecord(on: Queryable, recordNo: string): Promise<AttemptRow[]> {
  return await on.query<AttemptRow>(
    `select a.call, r.id as run_id, l.line, a.correlation_id, a.sent_at, a.latency_ms, a.reply_kind, a.http_status, a.code,
            a.message, a.error, a.raw_reply, a.outcome, a.answer_correlation_id
     from attempt a join run r on r.run_no = a.run_no
     left join list_row l on l.run_no = a.run_no and l.row_no = a.row_no
     where a.record_no = $1 order by a.attempt_no`,
    [recordNo],
  );
}
