import type { Words } from '../domain/language.ts';

/** A record of a source before it is known to be a header, a title, a row or a totals line. */
export interface ListRecord {
  /**
   * Its place, counted from 1: the physical line it starts on (CSV), the sheet's row number (Excel), or its number in
   * the query's order (Postgres).
   */
  readonly line: number;
  readonly cells: readonly string[];
  /** True where a cell contains a line break. Only for text files. */
  readonly isMultiLine?: true;
  /** What the source knows about single cells beyond their text; absent where it knows nothing. */
  readonly marks?: readonly CellMark[];
}

export interface CellMark {
  /** Index into `cells`. */
  readonly index: number;
  /**
   * long_number: a number of more than 15 significant digits, which the spreadsheet has already rounded. date: a
   * number shown as a date or time. formula: the text is the result stored with a formula. error: an error value such
   * as #N/A.
   */
  readonly kind: 'long_number' | 'date' | 'formula' | 'error';
}

/** Totals of a reading that reached the end of the source. */
export interface TableTotals {
  /** The parser's own count: every record, including header and titles, without blank lines. */
  readonly records: number;
  /** Lines that are empty or hold nothing but blanks. */
  readonly blankLines: number;
  /** The line of the last record, where a text file ends inside a cell without a line end. */
  readonly openEnd?: number | undefined;
}

export interface TableReading {
  /**
   * Receives, in order, the bytes that are hashed: all bytes of a file, or a query's rows in a form in which equal
   * rows give equal bytes.
   */
  readonly onBytes: (chunk: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Sheet names in the form that messages show. */
export interface SheetsRead {
  readonly read: string;
  /** All other sheets in tab order; members may stand on them too. */
  readonly unread: readonly string[];
  /** Those of `unread` that are hidden when the workbook is opened. */
  readonly hidden: readonly string[];
}

/** A source as a table of text. `records` may be called repeatedly and starts from the beginning each time. */
export interface ListTable {
  readonly format: 'csv' | 'xlsx' | 'postgres';
  /** Name shown in messages: the file's base name, or what the query is called. */
  readonly name: string;
  /**
   * The header where the source gives it separately (a query's column names); null where it is one of the records.
   */
  readonly header: readonly string[] | null;
  /** The sheets of a workbook; null for other sources. */
  readonly sheets: SheetsRead | null;
  /** Names a cell, such as `cell B3`; null where line and column are enough. */
  cellName(line: number, index: number): Words | null;
  /**
   * Yields records in sets, none of them empty. Throws ListRefusedError, or the signal's reason when it is aborted.
   */
  records(reading: TableReading): AsyncGenerator<readonly ListRecord[], TableTotals>;
}
