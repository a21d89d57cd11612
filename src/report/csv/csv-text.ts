import { stringify } from 'csv-stringify/sync';
import { guardFormula } from '../../domain/formula-guard.ts';

export const CRLF = '\r\n';

/** Spreadsheets take a file without it for the system's own encoding. */
export const BOM = '\uFEFF';

/** Stands between records while they are made, since no cell can hold it: Postgres text has no NUL. */
const BETWEEN = '\0';

/** What csv-stringify would quote, or the formula guard change. */
const NEEDS_WORK = /[",\r\n\0]|^['=+\-@\t\uFF1D\uFF0B\uFF0D\uFF20]/;

/** True for a cell that stands in a record as it is. */
export function isPlainCell(cell: string): boolean {
  return !NEEDS_WORK.test(cell);
}

/**
 * Each record as CSV, formula-guarded and without a line end. Most records hold nothing that needs quotes or the guard,
 * and are joined; the others go through csv-stringify, in one call for many: it measures best in sets of a thousand or
 * more. With a record delimiter of one's own it quotes a line feed in a cell only when told to.
 */
export function formatRecords(records: readonly (readonly string[])[]): string[] {
  const texts = records.map((cells) => (cells.every(isPlainCell) ? cells.join(',') : null));
  const worked = stringifyRecords(records.filter((_, index) => texts[index] === null)).values();
  return texts.map((text) => text ?? worked.next().value ?? '');
}

function stringifyRecords(records: readonly (readonly string[])[]): string[] {
  if (records.length === 0) return [];
  const guarded = records.map((cells) => cells.map(guardFormula));
  const texts = stringify(guarded, { record_delimiter: BETWEEN, quote_record_delimiter: true }).split(
    BETWEEN,
  );
  texts.pop();
  if (texts.length === records.length) return texts;
  throw Object.assign(new Error('A cell of the list holds a NUL character.'), { code: 'CSV_NUL' });
}

/**
 * A header line. Semicolons and tabs are quoted too: who looks at the first line to find the delimiter must not
 * take one of them for it.
 */
export function formatHeader(header: readonly string[]): string {
  return stringify([header.map(guardFormula)], { record_delimiter: CRLF, quoted_match: /[;\t\r\n]/ });
}
