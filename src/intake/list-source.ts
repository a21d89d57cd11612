import type { ListRow } from '../domain/list-row.ts';

/** A list whose header was read and found good; one interface for every kind of source. */
export interface OpenedList {
  /** Base name of the file. */
  readonly name: string;
  /** The list's own header cells, the columns an earlier run of ours added already dropped. */
  readonly header: readonly string[];
  readonly encoding: string;
  readonly delimiter: string;
  /** Indexes into `header`. */
  readonly columns: { readonly userId: number; readonly par: number };
  /** The list is one of our own result files, given back to be run again. */
  readonly handedBack: boolean;
  /**
   * Reads the list from its beginning, in sets of equal size; the last may be smaller, none is empty. Throws
   * ListRefusedError as soon as the content can't be trusted, also after sets were handed out.
   */
  rows(signal?: AbortSignal): AsyncIterable<readonly ListRow[]>;
  /** Of the last reading that came to its end. Counted by the parser, not from the sets handed out. */
  counts(): ListCounts;
  /** Of all bytes of the file, taken in the same reading that handed out the rows. */
  sha256(): string;
}

export interface ListCounts {
  readonly rowsRead: number;
  /** Lines that are empty or hold nothing but blanks. */
  readonly blankLines: number;
}

export type ListRefusal =
  | 'binary'
  | 'encoding'
  | 'empty'
  | 'column_missing'
  | 'column_twice'
  | 'column_shared'
  | 'quote_not_closed'
  | 'quote_misplaced'
  | 'field_too_large'
  | 'row_too_large'
  | 'changed';

export interface ListRefusedDetails {
  readonly reason: ListRefusal;
  /** Base name of the file. */
  readonly file: string;
  /** Physical line, 1 for the first; null where no line is at fault. */
  readonly line: number | null;
  /** Header name, or position in the line, 1 for the first; null where no column is at fault. */
  readonly column: string | number | null;
  /** What is wrong, as a clause without a full stop; ids masked. */
  readonly what: string;
  /** What the list's owner can do, as a clause without a full stop. */
  readonly advice: string;
}

/** The list as a whole can't be read without guessing; nothing was called. Exit code 5. */
export class ListRefusedError extends Error {
  readonly code = 'LIST_REFUSED';
  readonly reason: ListRefusal;
  readonly file: string;
  readonly line: number | null;
  readonly column: string | number | null;
  readonly advice: string;

  constructor(details: ListRefusedDetails) {
    super(`${placeOf(details)}: ${details.what}; ${details.advice}.`);
    this.name = 'ListRefusedError';
    this.reason = details.reason;
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.advice = details.advice;
  }
}

/** No such file, a folder, or a file we may not read. Exit code 2. */
export class ListNotFoundError extends Error {
  readonly code = 'LIST_NOT_FOUND';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ListNotFoundError';
  }
}

function placeOf({ file, line, column }: ListRefusedDetails): string {
  const parts = [file];
  if (line !== null) parts.push(`line ${line}`);
  if (column !== null) parts.push(`column ${column}`);
  return parts.join(', ');
}
