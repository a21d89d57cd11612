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
 * Formats each record as CSV, guarded against formulas and without a line end. Most cells need neither quotes nor the
 * guard; of the others each different text goes through csv-stringify once.
 */
export function formatRecords(records: readonly (readonly string[])[]): string[] {
  const found = new Set<string>();
  for (const cells of records) for (const cell of cells) if (!isPlainCell(cell)) found.add(cell);
  if (found.size === 0) return records.map((cells) => cells.join(','));
  const texts = formatCells([...found]);
  return records.map((cells) => cells.map((cell) => texts.get(cell) ?? cell).join(','));
}

/**
 * Returns each of these cells, no two of them equal, as it stands in a record. Thousands in one call are fastest. With
 * our own record delimiter, csv-stringify quotes a line feed in a cell only when told to.
 */
export function formatCells(different: readonly string[]): ReadonlyMap<string, string> {
  if (different.length === 0) return new Map();
  const records = different.map((cell) => [guardFormula(cell)]);
  const texts = stringify(records, { record_delimiter: BETWEEN, quote_record_delimiter: true }).split(
    BETWEEN,
  );
  if (texts.length !== different.length + 1)
    throw Object.assign(new Error('A cell of the list holds a NUL character.'), { code: 'CSV_NUL' });
  return new Map(different.map((cell, index) => [cell, texts[index] ?? '']));
}

/**
 * Formats a header line. Semicolons and tabs are quoted too, so that programs which look for the delimiter in the
 * first line do not take one of them for it.
 */
export function formatHeader(header: readonly string[]): string {
  return stringify([header.map(guardFormula)], { record_delimiter: CRLF, quoted_match: /[;\t\r\n]/ });
}
