import { stringify } from 'csv-stringify/sync';
import { guardFormula } from '../../domain/formula-guard.ts';

export const CRLF = '\r\n';

/** Byte order mark. Without it, spreadsheets read a file in the system's own encoding. */
export const BOM = '\uFEFF';

/** Separates records while they are made. No cell can contain it, because Postgres text has no NUL. */
const BETWEEN = '\0';

/** Matches what csv-stringify would quote or the formula guard would change. */
const NEEDS_WORK = /[",\r\n\0]|^['=+\-@\t\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Returns whether a cell stands in a record unchanged. */
export function isPlainCell(cell: string): boolean {
  return !NEEDS_WORK.test(cell);
}

/**
 * Formats each record as CSV, guarded against formulas and without a line end. Most records need neither quotes nor
 * the guard and are simply joined; the others go through csv-stringify in one call, which is fastest in sets of a
 * thousand or more. With our own record delimiter, csv-stringify quotes a line feed in a cell only when told to.
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
 * Formats a header line. Semicolons and tabs are quoted too, so that programs which look for the delimiter in the
 * first line do not take one of them for it.
 */
export function formatHeader(header: readonly string[]): string {
  return stringify([header.map(guardFormula)], { record_delimiter: CRLF, quoted_match: /[;\t\r\n]/ });
}
