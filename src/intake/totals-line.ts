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

/** Longer cells are no label; also what keeps the patterns below quick. */
const LONGEST_LABEL = 40;

export interface TotalsLine {
  /** How many rows it says there are; null where it says nothing of them. */
  readonly count: number | null;
}

/**
 * A line under the rows that sums them up: its first words say so and it holds no PAR. Null for anything else. A number
 * is a count of rows where it stands beside the words, in the two columns of ids, or says its unit; others are sums
 * of something else.
 */
export function readTotalsLine(cells: readonly string[], layout: RowLayout): TotalsLine | null {
  const first = cells.findIndex((cell) => cell.trim() !== '');
  const stated = statedCount(cells, first);
  if (stated !== null) return { count: stated };
  const label = cells[first] ?? '';
  if (label.length > LONGEST_LABEL) return null;
  const { userId, par } = layout.columns;
  const words = splitLabel(label, first === userId || first === par);
  if (words === null) return null;
  if (isOfMember(cells, first, layout)) return null;
  return { count: words.count ?? countIn(cells, first, layout) };
}

/** What database clients write under the rows they print: `(2 rows)`, `(2개 행)`, `2 rows in set (0.01 sec)`. */
const CLIENT_COUNTS: readonly RegExp[] = [
  /^\((\d{1,10})(?:개|건)? ?(?:rows?|행|records?)(?: affected)?\)$/i,
  /^\((\d{1,10})개 행이 영향을 받음\)$/,
  /^(\d{1,10}) rows? in set(?: \([\d.: a-z]+\))?$/i,
  /^(\d{1,10}) (?:rows?|records?) (?:selected|returned|fetched|retrieved|exported)\.?$/i,
  /^(\d{1,10})개? ?행이? (?:선택되었습니다|선택됨|조회되었습니다|조회됨)\.?$/,
];

/** Of a line with nothing in it but such a count; null for any other. */
function statedCount(cells: readonly string[], first: number): number | null {
  const text = (cells[first] ?? '').normalize('NFKC').trim();
  if (text.length > LONGEST_LABEL || cells.some((cell, index) => index !== first && cell.trim() !== ''))
    return null;
  const count = CLIENT_COUNTS.map((form) => form.exec(text)?.[1]).find((digits) => digits !== undefined);
  return count === undefined ? null : Number(count);
}

/**
 * Whoever has a user id too long for a count, or anything like a PAR, also one cut off or in small letters, is a member
 * whose name or tariff happens to be such a word: rejected in sight of everybody, not left out as a totals line.
 */
function isOfMember(cells: readonly string[], label: number, { columns }: RowLayout): boolean {
  const [userId, par] = [columns.userId, columns.par].map((index) =>
    index === label ? '' : (cells[index] ?? '').normalize('NFKC').trim(),
  );
  return /^\d{11,19}$/.test(userId ?? '') || !FITS_TOTALS.some((form) => form.test(par ?? ''));
}

/** `합계: 347건` is a label with its count; `합계` a label alone. */
function splitLabel(cell: string, isIdColumn: boolean): { readonly count: number | null } | null {
  const parts =
    /^([^\d]*?)[\s:：=([]*(\d[\d,]*)?\s*(건|명|개|행|rows?|records?|members?)?\s*[)\]]?\s*$/i.exec(
      cell.normalize('NFKC').trim(),
    );
  const name = normaliseName(parts?.[1] ?? '');
  const count = toCount(parts?.[2] ?? '');
  // Alone they may be somebody's name, but not in a column of ids, nor with a count.
  const isShort = name === '계' || (name === '총' && count !== null);
  if (!totalWords.has(name) && !(isIdColumn && isShort)) return null;
  return { count };
}

function countIn(cells: readonly string[], label: number, { columns }: RowLayout): number | null {
  const told = cells.find((cell, index) => index !== label && UNIT.test(cell.normalize('NFKC').trim()));
  if (told !== undefined) return toCount(told.normalize('NFKC').replace(/[^\d,]/g, ''));
  const places = [columns.userId, columns.par].filter((index) => index !== label);
  const counts = places.map((index) => toCount((cells[index] ?? '').normalize('NFKC').trim()));
  return counts.find((count) => count !== null) ?? null;
}

const UNIT = /^(?:총\s*)?\d[\d,]*\s*(?:건|명|개|행|rows?|records?|members?)$/i;

/** Words, a count or a sum: no part of a PAR. */
const FITS_TOTALS: readonly RegExp[] = [/^\D{0,20}$/, /^[-+]?\d[\d,.]{0,19}$/, UNIT];

/** Larger than any list: a sum of ids, not a count. */
const MOST_ROWS = 1_000_000_000;

function toCount(text: string): number | null {
  if (!/^(?:\d{1,10}|\d{1,3}(?:,\d{3}){1,3})$/.test(text)) return null;
  const count = Number(text.replaceAll(',', ''));
  return count <= MOST_ROWS ? count : null;
}
