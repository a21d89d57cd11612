import { normaliseName } from './header/column-names.ts';
import type { RowLayout } from './rows/row-content.ts';

const totalWords: ReadonlySet<string> = new Set([
  '합계',
  '총계',
  '총합계',
  '소계',
  '누계',
  '총건수',
  '건수',
  '총인원',
  '합계건수',
  'total',
  'totals',
  'grandtotal',
  'subtotal',
  'sum',
  'count',
  'rowcount',
  'recordcount',
  'totalcount',
  'totalrecords',
  'totalrows',
  'totalmembers',
]);

/** These sum up the rows above only together with a number. */
const countedWords: ReadonlySet<string> = new Set([
  '총',
  '전체',
  '전체건수',
  '조회건수',
  '조회결과',
  '대상건수',
  '출력건수',
  '추출건수',
  'rows',
  'records',
  'numberofrows',
  'numberofrecords',
  'totalnumberofrows',
  'totalnumberofrecords',
  'recordsexported',
  'rowsexported',
  // What closes a file that one system writes for another.
  'trailer',
  'footer',
  'eof',
]);

/** Longer cells are no label. The limit also keeps the patterns below fast. */
const LONGEST_LABEL = 40;

export interface TotalsLine {
  /** The number of rows the line states; null where it states none. */
  readonly count: number | null;
}

/**
 * Reads a line below the rows that sums them up: its first words say so and it holds no PAR. Null for any other line.
 * A number counts rows where it stands beside the words, in the two id columns, or with a unit of rows; any other
 * number is some other sum.
 */
export function readTotalsLine(cells: readonly string[], layout: RowLayout): TotalsLine | null {
  const first = cells.findIndex((cell) => cell.trim() !== '');
  const { userId, par } = layout.columns;
  const isIdColumn = first === userId || first === par;
  const stated = statedCount(cells, first, isIdColumn);
  if (stated !== null) return { count: stated };
  const label = cells[first] ?? '';
  if (label.length > LONGEST_LABEL) return null;
  const words = splitLabel(label, isIdColumn);
  if (words === null || isOfMember(cells, first, layout)) return null;
  const count = words.count ?? countIn(cells, first, layout);
  if (!words.needsCount) return { count };
  return count === null || isOtherNumber(cells, words, count) ? null : { count };
}

/** Matches a day such as 20261130. */
const DAY = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;

/** Returns whether the number of such a line may be a date, or stands among others, as in a system's last line. */
function isOtherNumber(cells: readonly string[], words: TotalsLabel, count: number): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '').length;
  return DAY.test(String(count)) || filled > (words.count === null ? 2 : 1);
}

/** What database clients write below the rows they print: `(2 rows)`, `(2개 행)`, `2 rows in set (0.01 sec)`. */
const CLIENT_COUNTS: readonly RegExp[] = [
  /^\((\d{1,10})(?:개|건)? ?(?:rows?|행|records?)(?: affected)?\)$/i,
  /^\((\d{1,10})개 행이 영향을 받음\)$/,
  /^(\d{1,10}) rows? in set(?: \([\d.: a-z]+\))?$/i,
  /^(\d{1,10}) (?:rows?|records?) (?:selected|returned|fetched|retrieved|exported)\.?$/i,
  /^(\d{1,10})개? ?행이? (?:선택되었습니다|선택됨|조회되었습니다|조회됨)\.?$/,
];

const UNIT = /^(?:총\s*)?\d[\d,]*\s*(?:건|명|개|행|rows?|records?|members?)$/i;

/** Returns the count of a line that holds nothing else; null for any other line. */
function statedCount(cells: readonly string[], first: number, isIdColumn: boolean): number | null {
  const text = (cells[first] ?? '').normalize('NFKC').trim();
  if (text.length > LONGEST_LABEL || cells.some((cell, index) => index !== first && cell.trim() !== ''))
    return null;
  if (isIdColumn && UNIT.test(text)) return toCount(text.replace(/[^\d,]/g, ''));
  const count = CLIENT_COUNTS.map((form) => form.exec(text)?.[1]).find((digits) => digits !== undefined);
  return count === undefined ? null : Number(count);
}

/**
 * Returns whether a line with a totals word is a member's row: it has a user id too long for a count, or something
 * like a PAR, even one cut off or in small letters. The member's name or tariff happens to be such a word; the row is
 * rejected visibly and not skipped as a totals line.
 */
function isOfMember(cells: readonly string[], label: number, { columns }: RowLayout): boolean {
  const [userId, par] = [columns.userId, columns.par].map((index) =>
    index === label ? '' : (cells[index] ?? '').normalize('NFKC').trim(),
  );
  return /^\d{11,19}$/.test(userId ?? '') || !FITS_TOTALS.some((form) => form.test(par ?? ''));
}

interface TotalsLabel {
  readonly count: number | null;
  /** Without a number these words are no totals line. */
  readonly needsCount: boolean;
}

/** Splits a cell into a label and its count: `합계: 347건` has both, `합계` is a label alone. */
function splitLabel(cell: string, isIdColumn: boolean): TotalsLabel | null {
  const parts =
    /^([^\d]*?)[\s:：=([]*(\d[\d,]*)?\s*(건|명|개|행|rows?|records?|members?)?\s*[)\]]?\s*$/i.exec(
      cell.normalize('NFKC').trim(),
    );
  const name = normaliseName(parts?.[1] ?? '');
  const count = toCount(parts?.[2] ?? '');
  // Alone this word may be somebody's name, but not in an id column.
  if (totalWords.has(name) || (isIdColumn && name === '계')) return { count, needsCount: false };
  return isIdColumn && countedWords.has(name) ? { count, needsCount: true } : null;
}

function countIn(cells: readonly string[], label: number, { columns }: RowLayout): number | null {
  const told = cells.find((cell, index) => index !== label && UNIT.test(cell.normalize('NFKC').trim()));
  if (told !== undefined) return toCount(told.normalize('NFKC').replace(/[^\d,]/g, ''));
  const places = [columns.userId, columns.par].filter((index) => index !== label);
  const counts = places.map((index) => toCount((cells[index] ?? '').normalize('NFKC').trim()));
  return counts.find((count) => count !== null) ?? null;
}

/** Patterns of cells with words, a count or a sum, which hold no part of a PAR. */
const FITS_TOTALS: readonly RegExp[] = [/^\D{0,20}$/, /^[-+]?\d[\d,.]{0,19}$/, UNIT];

/** A larger number is a sum of ids and not a count of rows. */
const MOST_ROWS = 1_000_000_000;

function toCount(text: string): number | null {
  if (!/^(?:\d{1,10}|\d{1,3}(?:,\d{3}){1,3})$/.test(text)) return null;
  const count = Number(text.replaceAll(',', ''));
  return count <= MOST_ROWS ? count : null;
}
