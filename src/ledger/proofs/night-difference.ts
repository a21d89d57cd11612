import { failedClasses, needsPersonClasses, successClasses, type CallClass } from '../../domain/class.ts';
import { nightOf, nightsBetween } from '../../domain/night.ts';
import { ageBucketOf, ageBuckets, type AgeBucket } from '../../domain/reconciliation/break.ts';
import type { FailingAges, NightDifference } from '../../domain/night-difference.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';

/** Runs by number, see readNightDifference. */
interface ComparedRuns {
  readonly before: readonly number[];
  readonly tonight: readonly number[];
  readonly with: { readonly runId: string; readonly night: string } | null;
}

type Figures = Omit<NightDifference, 'comparedWith'>;

/** Records still failing whose nights are counted from the same quarter of an hour. */
interface FailingSince {
  /** ISO 8601; null: no call is known, the night of the run is its first. */
  readonly since: string | Date | null;
  /** Nights that are counted already at `since`, including its own. */
  readonly counted: number;
  readonly records: number;
}

/**
 * What a run on a list found otherwise than the night before, counted in records. The night before is the last one
 * before the run's own in which a list of the same job and provider came to its end; other lists of the run's own night
 * are never it, nor is a list whose ids were purged. Of several lists of that night the one of the same name is taken, else all of them together, where a
 * later row of a record counts. In that second case a record that another list of this night holds is not gone: what the
 * last list of a night says is then the whole of it. Rejected and repeated rows stand for no record. Failed is what
 * stands in failed.csv, success what stands in succeeded.csv; a disputed row is neither.
 *
 * The nights of a record still failing, tonight counted: of a class that comes again those its row tells, and for one
 * that is no more called those since its last call; of a class that needs a person those since its first call, or
 * since its last if it was a success once.
 *
 * Keeps what is otherwise as rows too, in place of those of an earlier end of the run. When every row of the run is
 * settled. `timeZone`: the job's, in which nights begin.
 */
export async function keepNightDifference(
  on: Queryable,
  run: RunRow,
  timeZone: string,
): Promise<NightDifference> {
  await on.query('delete from night_change where run_no = $1', [run.run_no]);
  const failing = await readFailingAges(on, run, timeZone);
  const compared = await findComparedRuns(on, run);
  if (compared.with === null) return { comparedWith: null, ...nothing, failing };
  const rows = await on.query<
    Omit<Figures, 'stillFailing' | 'failing'> & { readonly stillSince: readonly FailingSince[] }
  >(DIFFERENCE, [
    run.run_no,
    compared.before,
    compared.tonight,
    run.provider,
    failedClasses,
    successClasses,
    needsPersonClasses,
  ]);
  const { stillSince, ...figures } = onlyRow(rows);
  return {
    comparedWith: compared.with,
    ...figures,
    stillFailing: groupByNights(stillSince, run.night, timeZone),
    failing,
  };
}

/**
 * Nights are told here and not by the database: what the program takes for a time zone, `+09:00` and the names of its
 * own table of them, the database reads otherwise or does not know.
 */
function groupByNights(
  failing: readonly FailingSince[],
  night: string,
  timeZone: string,
): Figures['stillFailing'] {
  const byNights = new Map<number, number>();
  for (const { since, counted, records } of failing) {
    const nights = nightsFailing({ since, counted }, night, timeZone);
    byNights.set(nights, (byNights.get(nights) ?? 0) + records);
  }
  return [...byNights].toSorted(([a], [b]) => a - b).map(([nights, records]) => ({ nights, records }));
}

/** Tonight counted: 1 at least. */
function nightsFailing(
  { since, counted }: Pick<FailingSince, 'since' | 'counted'>,
  night: string,
  timeZone: string,
): number {
  const later = since === null ? 0 : nightsBetween(nightOf(new Date(since), timeZone), night);
  return Math.max(counted + later, 1);
}

interface FailingCause extends FailingSince {
  readonly class: CallClass;
  readonly code: string | null;
}

/** Counts all records that fail in the run by cause and age, even where there is no night to compare with. */
async function readFailingAges(on: Queryable, run: RunRow, timeZone: string): Promise<FailingAges[]> {
  const rows = await on.query<FailingCause>(FAILING, [
    run.run_no,
    run.provider,
    failedClasses,
    needsPersonClasses,
  ]);
  const byCause = new Map<string, { cause: FailingCause; ages: Record<AgeBucket, number> }>();
  for (const row of rows) {
    const key = `${row.class} ${row.code ?? ''}`;
    const found = byCause.get(key) ?? { cause: row, ages: noAges() };
    found.ages[ageBucketOf(nightsFailing(row, run.night, timeZone) - 1)] += row.records;
    byCause.set(key, found);
  }
  const failing = [...byCause.values()].map(({ cause, ages }) => ({
    class: cause.class,
    code: cause.code,
    ages,
  }));
  return failing.toSorted((a, b) => sumOfAges(b.ages) - sumOfAges(a.ages));
}

function noAges(): Record<AgeBucket, number> {
  return { '0': 0, '1-2': 0, '3-7': 0, '8-30': 0, '31+': 0 };
}

function sumOfAges(ages: Readonly<Record<AgeBucket, number>>): number {
  return ageBuckets.reduce((sum, bucket) => sum + ages[bucket], 0);
}

const nothing: Omit<Figures, 'failing'> = {
  added: 0,
  gone: 0,
  parChanged: 0,
  newlyFailing: 0,
  cured: 0,
  stillFailing: [],
};

async function findComparedRuns(on: Queryable, run: RunRow): Promise<ComparedRuns> {
  const rows = await on.query<{
    run_no: number;
    id: string;
    night: string;
    named: boolean;
    forgotten: boolean;
  }>(
    `with lists as (
       select run_no, id, night, list_name = $5 as named, purge_began_at is not null as forgotten from run
       where job = $1 and provider = $2 and kind = 'list' and state = 'complete' and night <= $3::date and run_no <> $4)
     select run_no, id, night::text as night, named, forgotten from lists
     where night = $3::date or night = (select max(night) from lists where night < $3::date) order by run_no`,
    [run.job, run.provider, run.night, run.run_no, run.list_name],
  );
  const before = rows.filter((row) => row.night !== run.night);
  const named = before.filter((row) => row.named);
  const taken = named.length > 0 ? named : before;
  // Whose rows they were is known of all of them or the comparison would lie.
  if (rows.some((row) => row.forgotten)) return { before: [], tonight: [], with: null };
  const last = taken.at(-1);
  return {
    before: taken.map((row) => row.run_no),
    tonight: named.length > 0 ? [] : rows.filter((row) => row.night === run.night).map((row) => row.run_no),
    with: last === undefined ? null : { runId: last.id, night: last.night },
  };
}

/** SQL for the time since when the record `e` of a row `r` fails. `needsPerson`: the parameter with those classes. */
function failingSince(rowClass: string, needsPerson: string): string {
  return `date_bin('15 minutes',
                  case when ${rowClass} = any(${needsPerson}::text[])
                         then coalesce(case when e.first_success_at is null then e.first_attempt_at end, r.last_attempt_at)
                       else r.last_attempt_at end, '2000-01-01Z'::timestamptz) as since,
         case when ${rowClass} = any(${needsPerson}::text[]) then 1 else greatest(r.nights, 1) end as counted`;
}

/** Settled records too: they keep their class. */
const FAILING = `
select class, code, since, counted, count(*)::integer as records
from (select r.class, r.code, ${failingSince('r.class', '$4')}
      from list_row r left join enrollment e on e.provider = $2 and e.user_id = r.user_id and e.par = r.par
      where r.run_no = $1 and r.class = any($3::text[])) as failing
group by class, code, since, counted order by class, code nulls last, since, counted`;

/**
 * Reads all lists once and groups once, without a join between lists, so that the planner can choose nothing wrong.
 * Noon, when nights begin, falls on a full quarter of an hour UTC in every time zone.
 */
const DIFFERENCE = `
with records as materialized (
  select user_id, par, max(class) filter (where run_no = $1) as now,
         max(row_no) filter (where run_no = $1) as now_row,
         max(lpad(run_no::text, 10, '0') || lpad(row_no::text, 10, '0') || class) filter (where run_no = any($2::integer[]))
           as place,
         substr(max(lpad(run_no::text, 10, '0') || lpad(row_no::text, 10, '0') || class)
                  filter (where run_no = any($2::integer[])), 21) as before,
         coalesce(bool_or(run_no = any($3::integer[])), false) as elsewhere,
         max(nights) filter (where run_no = $1) as nights, max(last_attempt_at) filter (where run_no = $1) as last_attempt_at
  from list_row
  where (run_no = $1 or run_no = any($2::integer[]) or run_no = any($3::integer[]))
    and user_id is not null and class <> 'duplicate'
  group by user_id, par),
changed as materialized (
  select user_id, now is not null as is_added, now_row, place from records
  where (now is null) <> (before is null) and (now is not null or not elsewhere)),
changed_members as (
  select user_id, min(now_row) as now_row, min(place) as place
  from changed group by user_id having bool_or(is_added) and not bool_and(is_added)),
newly_failing as materialized (
  select now_row, place from records where now = any($5::text[]) and (before is null or not before = any($5::text[]))),
cured as materialized (
  select now_row, place from records where now = any($6::text[]) and before = any($5::text[])),
kept as (
  insert into night_change (run_no, change_no, change, row_no, before_run_no, before_row_no)
  select $1, row_number() over (order by kind_no, now_row, place), change, now_row,
         substr(place, 1, 10)::integer, substr(place, 11, 10)::integer
  from (select 1 as kind_no, 'new' as change, now_row, null as place from changed where is_added
        union all select 2, 'gone', null, place from changed where not is_added
        union all select 3, 'changed', now_row, place from changed_members
        union all select 4, 'newly_failing', now_row, place from newly_failing
        union all select 5, 'cured', now_row, place from cured) as found),
failing as (
  select ${failingSince('r.now', '$7')}
  from records r left join enrollment e on e.provider = $4 and e.user_id = r.user_id and e.par = r.par
  where r.now = any($5::text[]) and r.before = any($5::text[])),
ages as (
  select since, counted, count(*)::integer as records from failing group by since, counted)
select (select count(*) from changed where is_added)::integer as added,
       (select count(*) from changed where not is_added)::integer as gone,
       (select count(*) from changed_members)::integer as "parChanged",
       (select count(*) from newly_failing)::integer as "newlyFailing",
       (select count(*) from cured)::integer as cured,
       coalesce((select json_agg(json_build_object('since', since, 'counted', counted, 'records', records)) from ages), '[]'::json)
         as "stillSince"`;
