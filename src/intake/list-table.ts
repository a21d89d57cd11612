import type { Words } from '../domain/language.ts';

/** A record of a source, before anybody has asked what it means: a header, a title, a row, a totals line. */
export interface ListRecord {
  /**
   * Its place, 1 for the first: the physical line it starts on (CSV), the row of the sheet (Excel), its number in the
   * order of the query (Postgres).
   */
  readonly line: number;
  readonly cells: readonly string[];
  /** One of the cells goes on over a line's end. Of text files. */
  readonly isMultiLine?: true;
  /** What the source knows of single cells beyond their text; absent where it knows nothing. */
  readonly marks?: readonly CellMark[];
}

export interface CellMark {
  /** Index into `cells`. */
  readonly index: number;
  /**
   * long_number: a number of more than 15 significant digits, which the spreadsheet has rounded already.
   * date: a number shown as a date or time. formula: the text is the value kept with a formula. error: such as #N/A.
   */
  readonly kind: 'long_number' | 'date' | 'formula' | 'error';
}

/** Of a reading that came to its end. */
export interface TableTotals {
  /** By the parser's own count: every record, header and titles too, blank lines not. */
  readonly records: number;
  /** Lines that are empty or hold nothing but blanks. */
  readonly blankLines: number;
  /** Of a text file that ends inside a cell, without a line end: the line of its last record. */
  readonly openEnd?: number | undefined;
}

export interface TableReading {
  /**
   * Sees what the content's hash is taken of, in order: all bytes of a file, or the rows of a query in one form that
   * is the same for the same rows.
   */
  readonly onBytes: (chunk: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Names of sheets as a sentence may show them. */
export interface SheetsRead {
  readonly read: string;
  /** All others, in the order of their tabs: members may stand on them too. */
  readonly unread: readonly string[];
  /** Those of them that nobody sees when the workbook is opened. */
  readonly hidden: readonly string[];
}

/** A source as a table of text. `records` may be called again and again, each time from the beginning. */
export interface ListTable {
  readonly format: 'csv' | 'xlsx' | 'postgres';
  /** For sentences: the base name of the file, or what the query is called. */
  readonly name: string;
  /** Where it is known without looking for it (a query's column names); null: it is one of the records. */
  readonly header: readonly string[] | null;
  /** Of a workbook; null for other sources. */
  readonly sheets: SheetsRead | null;
  /** Where a cell stands, such as `cell B3`; null where line and column say it. */
  cellName(line: number, index: number): Words | null;
  /** Sets of records, none of them empty. Throws ListRefusedError; signal's reason when it is aborted. */
  records(reading: TableReading): AsyncGenerator<readonly ListRecord[], TableTotals>;
}
