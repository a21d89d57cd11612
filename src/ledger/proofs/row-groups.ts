import { comesAgainClasses, rowClasses, whoMustAct, type RowClass } from '../../domain/class.ts';
import { emptyClassCounts, type ClassCounts } from '../../domain/control-totals.ts';
import { classGivers, type ClassGiver } from '../../domain/provider-code.ts';
import type { Work } from '../../domain/work.ts';
import type { Queryable } from '../ledger-port.ts';

/** Rows of a run that are alike in everything its figures tell. */
interface AlikeRows {
  /** A row without a class counts as unprocessed. */
  readonly class: RowClass;
  readonly code: string | null;
  /** The HTTP status of rows without a code. */
  readonly httpStatus: number | null;
  /** Null: the built-in table gave the class. */
  readonly by: ClassGiver | null;
  /** A person has settled the rows. */
  readonly isSettled: boolean;
  /** They came again until their nights were used up. */
  readonly nightsUsedUp: boolean;
  /** And a call of this run used the last one: from tomorrow on no list calls them. */
  readonly isUsedUpNow: boolean;
  /** An answer, or none, made them what they are. */
  readonly isAnswered: boolean;
  readonly rows: number;
  /** The first of them that has a message; null: none has. */
  readonly toldRowNo: number | null;
}

/** Rows that ended alike: with the same code and class, or, without a code, with the same HTTP status. */
export interface AnswerGroup {
  readonly code: string | null;
  /** The HTTP status of rows without a code. */
  readonly httpStatus: number | null;
  readonly class: RowClass;
  readonly rows: number;
  /** The first row with a message; null: none has one. */
  readonly toldRowNo: number | null;
}

/** Rows of one code whose class did not come from the built-in table. */
export interface GivenClass {
  readonly by: ClassGiver;
  readonly code: string | null;
  readonly class: RowClass;
  readonly rows: number;
}

/** What a run's report counts of its rows. */
export interface RowFigures {
  readonly classes: ClassCounts;
  /**
   * Who must act on how many rows of each class, in the order people read them. Nobody must act on settled rows.
   * Operations must act on rows whose nights are used up or that were refused before the provider.
   */
  readonly work: readonly Work[];
  /** Rows that a person has settled. */
  readonly resolved: ClassCounts;
  /** Unsettled rows whose nights were used up by a call of this run. */
  readonly nightsUsedUp: number;
  /** Rows by the provider's code, in the order of the codes. Rejected rows carry reasons instead. */
  readonly codes: Readonly<Record<string, number>>;
  readonly givenClasses: readonly GivenClass[];
  /** Most rows first. Rows without an answer, and rejected ones, are left out. */
  readonly answers: readonly AnswerGroup[];
}

/**
 * Counts the rows of a run in one reading, whose groups are as many as there are answers and classes. Each count by
 * itself read the whole list once more. `nightsLimit`: retry.nights.
 */
export async function readRowFigures(on: Queryable, runNo: number, nightsLimit: number): Promise<RowFigures> {
  const alike = await on.query<AlikeRows>(ALIKE_ROWS, [runNo, comesAgainClasses, nightsLimit]);
  return {
    classes: classCountsOf(alike),
    work: workOf(alike),
    resolved: classCountsOf(alike.filter(({ isSettled }) => isSettled)),
    nightsUsedUp: sumOf(alike.filter(({ isUsedUpNow }) => isUsedUpNow)),
    codes: codesOf(alike),
    givenClasses: givenClassesOf(alike),
    answers: answersOf(alike),
  };
}

/** As `readRowFigures` counts it. */
export async function readWork(on: Queryable, runNo: number, nightsLimit: number): Promise<readonly Work[]> {
  return (await readRowFigures(on, runNo, nightsLimit)).work;
}

/** Ordered by code, HTTP status and class, which every list below keeps where it says no other order. */
const ALIKE_ROWS = `
select * from (
  select coalesce(class, 'unprocessed') as class, code, case when code is null then http_status end as "httpStatus",
         class_given_by as by, resolution_no is not null as "isSettled",
         coalesce(resolution_no is null and class = any($2::text[]) and nights >= $3, false) as "nightsUsedUp",
         coalesce(resolution_no is null and class = any($2::text[]) and nights = $3 and attempts > 0 and not kept, false) as "isUsedUpNow",
         class is distinct from 'rejected' and (code is not null or (attempts > 0 and not kept)) as "isAnswered",
         count(*)::integer as rows, min(row_no) filter (where message <> '') as "toldRowNo"
  from list_row where run_no = $1 group by 1, 2, 3, 4, 5, 6, 7, 8) as alike
order by code collate "C", "httpStatus", class collate "C"`;

function workOf(alike: readonly AlikeRows[]): Work[] {
  const groups = together(
    alike.map((rows) => ({ ...rows, isRefused: isRefused(rows) })),
    (one) => [one.class, one.isSettled, one.nightsUsedUp, one.isRefused],
  );
  const inOrder = groups.toSorted(
    ([one], [other]) =>
      rowClasses.indexOf(one.class) - rowClasses.indexOf(other.class) ||
      Number(one.isSettled) - Number(other.isSettled) ||
      Number(one.nightsUsedUp) - Number(other.nightsUsedUp) ||
      Number(one.isRefused) - Number(other.isRefused),
  );
  return inOrder.map((rows) => {
    const [{ class: name, nightsUsedUp, isSettled, isRefused: wasRefused }] = rows;
    const actor = isSettled ? 'nobody' : whoMustAct(name, nightsUsedUp, wasRefused);
    return { class: name, actor, rows: sumOf(rows), nightsUsedUp, isSettled };
  });
}

/** Refused before the provider: nobody gave them a code. */
function isRefused({ class: name, code, isSettled }: AlikeRows): boolean {
  return name === 'unknown_code' && code === null && !isSettled;
}

function classCountsOf(alike: readonly AlikeRows[]): ClassCounts {
  const counts = emptyClassCounts();
  for (const { class: name, rows } of alike) counts[name] += rows;
  return counts;
}

/** A code is the provider's own text, so a name like `__proto__` must not reach into the object. */
function codesOf(alike: readonly AlikeRows[]): Record<string, number> {
  const codes = new Map<string, number>();
  for (const { class: name, code, rows } of alike)
    if (code !== null && name !== 'rejected') codes.set(code, (codes.get(code) ?? 0) + rows);
  return Object.fromEntries(codes);
}

function givenClassesOf(alike: readonly AlikeRows[]): GivenClass[] {
  const given = alike.flatMap((one) => (one.by === null ? [] : [{ ...one, by: one.by }]));
  const groups = together(given, (one) => [one.by, one.code, one.class]).map((rows) => {
    const [{ by, code, class: name }] = rows;
    return { by, code, class: name, rows: sumOf(rows) };
  });
  return classGivers.flatMap((by) => groups.filter((group) => group.by === by));
}

function answersOf(alike: readonly AlikeRows[]): AnswerGroup[] {
  const answered = alike.filter((one) => one.isAnswered);
  return together(answered, (one) => [one.code, one.httpStatus, one.class])
    .map((rows) => {
      const [{ code, httpStatus, class: name }] = rows;
      const told = rows.flatMap(({ toldRowNo }) => toldRowNo ?? []);
      const toldRowNo = told.length === 0 ? null : Math.min(...told);
      return { code, httpStatus, class: name, rows: sumOf(rows), toldRowNo };
    })
    .toSorted((one, other) => other.rows - one.rows);
}

/** Puts those with the same key together, in the order of the first of each. */
function together<Rows>(
  alike: readonly Rows[],
  keyOf: (rows: Rows) => readonly (string | number | boolean | null)[],
): [Rows, ...Rows[]][] {
  const groups = new Map<string, [Rows, ...Rows[]]>();
  for (const rows of alike) {
    const key = JSON.stringify(keyOf(rows));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rows]);
    else group.push(rows);
  }
  return [...groups.values()];
}

function sumOf(alike: readonly { readonly rows: number }[]): number {
  return alike.reduce((sum, { rows }) => sum + rows, 0);
}

/** Rows that ended alike, as people are told of them. */
export interface AnsweredRows extends Omit<AnswerGroup, 'toldRowNo'> {
  /** The message of the first row that has one, as the provider wrote it. */
  readonly message: string | null;
  /** The whole ids of the row with that message, which may repeat them. */
  readonly ids: readonly string[];
  /** Number of all kinds of answers, including those beyond `most`. */
  readonly kinds: number;
}

/** The first `most` of the answers, with what they say. */
export async function readAnsweredRows(
  on: Queryable,
  runNo: number,
  answers: readonly AnswerGroup[],
  most: number,
): Promise<AnsweredRows[]> {
  const shown = answers.slice(0, most);
  const told = await on.query<{ row_no: number; message: string; ids: string[] }>(
    `select row_no, message, array_remove(array[user_id, par], null) as ids
     from list_row where run_no = $1 and row_no = any($2::integer[])`,
    [runNo, shown.flatMap(({ toldRowNo }) => toldRowNo ?? [])],
  );
  const byNumber = new Map(told.map((row) => [row.row_no, row]));
  return shown.map(({ code, httpStatus, class: name, rows, toldRowNo }) => {
    const { message = null, ids = [] } = (toldRowNo === null ? null : byNumber.get(toldRowNo)) ?? {};
    return { code, httpStatus, class: name, rows, message, ids, kinds: answers.length };
  });
}
