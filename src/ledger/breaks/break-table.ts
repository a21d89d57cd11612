import type { BreakFigures, BreakKind, BreakState } from '../../domain/reconciliation/break.ts';
import { ageBucketOf, ageBuckets, breakKinds } from '../../domain/reconciliation/break.ts';
import { onlyRow, type Parameter, type Queryable } from '../ledger-port.ts';

/**
 * The kinds one comparison can find, and so may close: those of a job's list, or, with job null, those of a provider.
 */
export interface BreakScope {
  readonly provider: string;
  readonly job: string | null;
  readonly kinds: readonly BreakKind[];
}

export interface BreakMoment {
  readonly at: Date;
  /** The night `at` belongs to, yyyy-MM-dd. */
  readonly night: string;
}

export interface ObservedBreaks {
  readonly added: number;
  /** Breaks that were there already, open or explained, and stay so. */
  readonly touched: number;
}

/**
 * Locks out everybody else who would observe, explain or close breaks until the transaction ends. One comparison finds
 * and closes breaks together; two at once would enter and close each other's.
 */
export async function lockBreaks(transaction: Queryable): Promise<void> {
  await transaction.query('lock table break in share row exclusive mode');
}

/** A statement that selects findings: kind, user_id, par, other_user_id, other_par, details. Parameters begin at $5. */
export interface SelectedFindings {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** Kinds that a break of one card may change between: it keeps its number, age and note. */
  readonly sameBreak?: readonly BreakKind[];
}

/** `kinds`: the parameter with those a break may change between. */
function sameBreak(kinds: string): string {
  return `b.state <> 'closed' and b.user_id = f.user_id and b.par = f.par
    and b.provider = $1 and b.job is not distinct from $2::text
    and ((b.kind = f.kind and b.other_user_id is not distinct from f.other_user_id
          and b.other_par is not distinct from f.other_par)
         or (b.kind = any(${kinds}::text[]) and f.kind = any(${kinds}::text[])))`;
}

/**
 * Enters findings that the database selects itself, any number of them; none of them comes here. It updates existing
 * breaks first instead of relying on a conflict, which would use up a number each time.
 */
export async function observeSelected(
  on: Queryable,
  scope: Pick<BreakScope, 'provider' | 'job'>,
  moment: BreakMoment,
  findings: SelectedFindings,
): Promise<ObservedBreaks> {
  const same = sameBreak(`$${findings.parameters.length + 5}`);
  return onlyRow(
    await on.query<ObservedBreaks>(
      `with found as materialized (${findings.sql}),
       touched as (
         update break b set last_seen_at = greatest(b.last_seen_at, $3::timestamptz), details = f.details,
                kind = f.kind, other_par = f.other_par
         from found f where ${same} returning 1),
       added as (
         insert into break (provider, job, kind, user_id, par, other_user_id, other_par, details,
                            first_seen_at, first_night, last_seen_at)
         select $1, $2::text, f.kind, f.user_id, f.par, f.other_user_id, f.other_par, f.details,
                $3::timestamptz, $4::date, $3::timestamptz
         from found f where not exists (select 1 from break b where ${same})
         order by f.kind, f.user_id collate "C", f.par collate "C"
         on conflict (user_id, par, kind, provider, job, other_user_id, other_par) where state <> 'closed'
           do update set last_seen_at = greatest(break.last_seen_at, excluded.last_seen_at)
         returning 1)
       select (select count(*)::integer from added) as added, (select count(*)::integer from touched) as touched`,
      [
        scope.provider,
        scope.job,
        moment.at.toISOString(),
        moment.night,
        ...findings.parameters,
        findings.sameBreak ?? [],
      ],
    ),
  );
}

/**
 * Closes the breaks that a completed comparison, begun at `since`, no longer found, explained or not. `asked`: the only
 * members it asked the provider for; null: all. Returns how many it closed.
 */
export async function closeUnseen(
  on: Queryable,
  scope: BreakScope & { readonly asked: readonly string[] | null },
  since: Date,
  moment: BreakMoment,
): Promise<number> {
  const row = onlyRow(
    await on.query<{ closed: number }>(
      `with closed as (
         update break set state = 'closed', closed_at = $5::timestamptz, closed_night = $6::date
         where state <> 'closed' and provider = $1 and job is not distinct from $2::text and kind = any($3::text[])
           and last_seen_at < $4::timestamptz
           and ($7::text[] is null or coalesce(other_user_id, user_id) = any($7::text[]))
         returning 1)
       select count(*)::integer as closed from closed`,
      [
        scope.provider,
        scope.job,
        scope.kinds,
        since.toISOString(),
        moment.at.toISOString(),
        moment.night,
        scope.asked,
      ],
    ),
  );
  return row.closed;
}

/** A break as of some moment. Whole ids: mask them. */
export interface BreakRow {
  readonly break_no: number;
  readonly provider: string;
  readonly kind: BreakKind;
  readonly job: string | null;
  /** Null, like `par`, where a purge has forgotten it. */
  readonly user_id: string | null;
  readonly par: string | null;
  readonly other_user_id: string | null;
  readonly other_par: string | null;
  readonly details: string | null;
  readonly first_seen_at: Date;
  /** yyyy-MM-dd */
  readonly first_night: string;
  readonly state: BreakState;
  readonly explained_at: Date | null;
  readonly explained_by: string | null;
  readonly note: string | null;
  readonly closed_at: Date | null;
}

const columns = `break_no, provider, kind, job, user_id, par, other_user_id, other_par, details, first_seen_at,
  first_night::text as first_night, explained_at, explained_by, note, closed_at`;

/** The columns, for other modules that read whole breaks. */
export { columns as breakColumns };

/**
 * Explains a break with a person's note, so that it raises no exit code and counts no age. An earlier note is
 * overwritten, and the time of the first explanation stays. A closed break is left as it is. Returns the break as it
 * stands now; null where no break has this number.
 */
export async function explainBreak(
  on: Queryable,
  breakNo: number,
  explanation: { readonly by: string; readonly note: string; readonly at: Date },
): Promise<BreakRow | null> {
  const rows = await on.query<BreakRow>(
    `with explained as (
       update break set state = 'explained', explained_at = coalesce(explained_at, $2::timestamptz),
              explained_by = $3, note = $4, resolution_no = null
       where break_no = $1 and state <> 'closed' returning *)
     select ${columns}, state from explained
     union all select ${columns}, state from break where break_no = $1 and state = 'closed'`,
    [breakNo, explanation.at.toISOString(), explanation.by, explanation.note],
  );
  return rows[0] ?? null;
}

/** Selects breaks: all of a provider, or those of one job's list and those of no list. */
export interface BreakSelection {
  readonly provider: string;
  /** Null: of every job. */
  readonly job: string | null;
  readonly kinds: readonly BreakKind[];
  /** The instant as of which the breaks are read. */
  readonly asOf: Date;
}

/** The state as of $4, without anything that came later. */
const STATE = `case when closed_at <= $4::timestamptz then 'closed'
  when explained_at <= $4::timestamptz then 'explained' else 'open' end`;
const SELECTED = `provider = $1 and ($2::text is null or job is null or job = $2::text) and kind = any($3::text[])
  and first_seen_at <= $4::timestamptz`;

function parametersOf({ provider, job, kinds, asOf }: BreakSelection): Parameter[] {
  return [provider, job, kinds, asOf.toISOString()];
}

/**
 * Counts breaks by kind, in the domain's order, and leaves out kinds without any. `night` is the night of `asOf`. The
 * figures are the same whenever they are read, because they follow from the times in the rows.
 */
export async function readBreakFigures(
  on: Queryable,
  { provider, job = null, kinds = breakKinds, asOf, night }: BreakFiguresAsked,
): Promise<BreakFigures[]> {
  const rows = await on.query<FiguresRow>(
    `select kind, state, greatest($5::date - first_night, 0) as nights, count(*)::integer as breaks
     from (select kind, first_night, closed_night, ${STATE} as state from break where ${SELECTED}) b
     where state <> 'closed' or closed_night >= $5::date group by 1, 2, 3`,
    [...parametersOf({ provider, job, kinds, asOf }), night],
  );
  return breakKinds.flatMap((kind) => {
    const ofKind = rows.filter((row) => row.kind === kind);
    return ofKind.length === 0 ? [] : [figuresOf(kind, ofKind)];
  });
}

export interface BreakFiguresAsked extends Pick<BreakSelection, 'provider' | 'asOf'> {
  readonly job?: string | null;
  readonly kinds?: readonly BreakKind[];
  /** yyyy-MM-dd */
  readonly night: string;
}

interface FiguresRow {
  readonly kind: BreakKind;
  readonly state: BreakState;
  readonly nights: number;
  readonly breaks: number;
}

function figuresOf(kind: BreakKind, rows: readonly FiguresRow[]): BreakFigures {
  const sum = (which: (row: FiguresRow) => boolean): number =>
    rows.filter(which).reduce((total, row) => total + row.breaks, 0);
  const ages = ageBuckets.map(
    (bucket) => [bucket, sum((row) => row.state === 'open' && ageBucketOf(row.nights) === bucket)] as const,
  );
  return {
    kind,
    fresh: sum((row) => row.state === 'open' && row.nights === 0),
    stillOpen: sum((row) => row.state === 'open' && row.nights > 0),
    explained: sum((row) => row.state === 'explained'),
    gone: sum((row) => row.state === 'closed'),
    ages: Object.fromEntries(ages) as BreakFigures['ages'],
  };
}

/**
 * Returns breaks that were in `state` then, oldest first: up to `limit` after number `afterBreakNo`; 0 for the first.
 */
export async function readBreaks(
  on: Queryable,
  selection: BreakSelection & { readonly state: BreakState },
  afterBreakNo: number,
  limit: number,
): Promise<BreakRow[]> {
  return await on.query<BreakRow>(
    `select * from (select ${columns}, ${STATE} as state from break where ${SELECTED} and break_no > $5) b
     where state = $6 order by break_no limit $7`,
    [...parametersOf(selection), afterBreakNo, selection.state, limit],
  );
}

/** Yields all of them, a page at a time. */
export async function* readBreakPages(
  on: Queryable,
  selection: BreakSelection & { readonly state: BreakState },
): AsyncGenerator<readonly BreakRow[]> {
  let page = await readBreaks(on, selection, 0, BREAKS_A_PAGE);
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    yield page;
    page = page.length < BREAKS_A_PAGE ? [] : await readBreaks(on, selection, last.break_no, BREAKS_A_PAGE);
  }
}

const BREAKS_A_PAGE = 5_000;

/** Returns the breaks of these numbers, open or not, in the order of their numbers. */
export async function readBreaksByNumber(on: Queryable, numbers: readonly number[]): Promise<BreakRow[]> {
  return await on.query<BreakRow>(
    `select ${columns}, state from break where break_no = any($1::integer[]) order by break_no`,
    [numbers],
  );
}

/** Returns every break a record stands in, closed ones too, oldest first. */
export async function readBreaksOfRecord(
  on: Queryable,
  {
    provider,
    user_id: userId,
    par,
  }: { readonly provider: string; readonly user_id: string; readonly par: string },
): Promise<BreakRow[]> {
  return await on.query<BreakRow>(
    `select ${columns}, state from break
     where provider = $1 and ((user_id = $2 and (par = $3 or other_par = $3)) or (other_user_id = $2 and par = $3))
     order by break_no`,
    [provider, userId, par],
  );
}
