import type { Language, Words } from '../domain/language.ts';
import { quoteName } from '../domain/untrusted-text.ts';
import type { ListFormat } from './list-format.ts';

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
  | 'workbook'
  | 'sheet_missing'
  | 'damaged'
  | 'cards'
  | 'second_table'
  | 'swallowed'
  | 'cut_off'
  | 'rejected'
  | 'totals'
  | 'size'
  | 'changed';

/** What the list's owner can do about a refusal, as a clause without a full stop. */
export interface ListAdvice extends Words {
  /** What a flag or a job file can do instead, as such a clause, for people who have a terminal. */
  readonly atTerminal?: Words;
}

/** Clauses of advice, in the order in which they are told. */
export type ListAdvices = ListAdvice | readonly ListAdvice[];

/** A refusal in parts, for a page that shows each of them in its place. The file's name is left out. */
export interface RefusalParts {
  /** Names the line and column, or the cell; null where no single place is at fault. */
  readonly where: Words | null;
  readonly what: Words;
  /** Leaves out what only a flag or a job file can do. */
  readonly toDo: Words;
}

export interface ListRefusedDetails {
  readonly reason: ListRefusal;
  /** Base name of the file. */
  readonly file: string;
  /** Physical line, counted from 1; null where no single line is at fault. */
  readonly line: number | null;
  /** Header name, or the column's position counted from 1; null where no single column is at fault. */
  readonly column: string | number | null;
  /** Names the cell of a spreadsheet, such as `cell B3`; replaces line and column. */
  readonly cell?: Words | null;
  /** What is wrong, as a clause without a full stop; ids masked. */
  readonly what: Words;
  readonly advice: ListAdvices;
  /** How the list was read, where the caller knows that. */
  readonly format?: ListFormat;
}

/**
 * Thrown where the list as a whole can't be read without guessing; nothing was called. Exit code 5. `message` is the
 * English sentence, which `--json`, the log and the ledger keep; `korean` says the same.
 */
export class ListRefusedError extends Error {
  readonly code = 'LIST_REFUSED';
  readonly reason: ListRefusal;
  readonly file: string;
  readonly line: number | null;
  readonly column: string | number | null;
  /** The English advice that `message` ends with. */
  readonly advice: string;
  readonly korean: string;
  readonly parts: RefusalParts;
  /** How the list was read; null where it was refused before that was known. */
  format: ListFormat | null;

  constructor(details: ListRefusedDetails) {
    const { what } = details;
    const advices = [details.advice].flat();
    const whole = joinClauses(
      advices.flatMap((advice) => [advice, ...(advice.atTerminal === undefined ? [] : [advice.atTerminal])]),
    );
    super(`${placeOf(details, 'en')}: ${what.en}; ${whole.en}.`);
    this.name = 'ListRefusedError';
    this.reason = details.reason;
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.advice = whole.en;
    this.korean = `${placeOf(details, 'ko')}: ${what.ko}; ${whole.ko}.`;
    this.format = details.format ?? null;
    this.parts = { where: whereOf(details), what, toDo: joinClauses(advices) };
  }
}

/** Creates the error for a file whose bytes changed while it was being read. */
export function refuseChangedFile(file: string): ListRefusedError {
  return new ListRefusedError({
    reason: 'changed',
    file,
    line: null,
    column: null,
    what: { en: 'the file was changed while it was being read', ko: '읽는 동안 파일이 바뀌었습니다' },
    advice: {
      en: 'wait until the file is complete, then start again',
      ko: '파일이 다 쓰인 뒤에 다시 시작해 주십시오',
    },
  });
}

/** The list file does not exist, is a folder, or may not be read by us. Exit code 2. */
export class ListNotFoundError extends Error {
  readonly code = 'LIST_NOT_FOUND';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ListNotFoundError';
  }
}

/** The source database does not answer, or broke the connection; nothing was called. Exit code 8. */
export class SourceUnavailableError extends Error {
  readonly code = 'SOURCE_UNAVAILABLE';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SourceUnavailableError';
  }
}

/**
 * The source database refuses our query: the table does not exist, a permission is missing, or the SQL is wrong. Exit
 * code 2.
 */
export class SourceQueryError extends Error {
  readonly code = 'SOURCE_QUERY';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SourceQueryError';
  }
}

function placeOf(details: ListRefusedDetails, language: Language): string {
  const where = whereOf(details);
  const file = quoteName(details.file);
  return where === null ? file : `${file}, ${where[language]}`;
}

function whereOf({ line, column, cell }: ListRefusedDetails): Words | null {
  if (cell !== undefined && cell !== null) return cell;
  const en = [...(line === null ? [] : [`line ${line}`]), ...(column === null ? [] : [`column ${column}`])];
  const ko = [...(line === null ? [] : [`${line}행`]), ...(column === null ? [] : [`열 ${column}`])];
  return en.length === 0 ? null : { en: en.join(', '), ko: ko.join(', ') };
}

function joinClauses(words: readonly Words[]): Words {
  return { en: words.map(({ en }) => en).join('; '), ko: words.map(({ ko }) => ko).join('. ') };
}
