import { finished } from 'node:stream/promises';
import { CsvError, Parser } from 'csv-parse';
import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../list-limits.ts';
import { isBlankText } from '../blank-text.ts';
import { countLineBreaks } from './physical-lines.ts';

const LF = 0x0a;
const CR = 0x0d;

export interface CsvRecord {
  /** Physical line on which the record starts, 1 for the first line of the file. */
  readonly line: number;
  readonly cells: readonly string[];
  /** True where a cell contains a line break. */
  readonly isMultiLine?: true;
}

/** The reason why the rest of the text can't be read. */
export interface CsvFault {
  readonly kind: 'field_too_large' | 'row_too_large' | 'quote_not_closed' | 'quote_misplaced';
  /**
   * The physical line on which the faulty cell starts, or a byte offset on that line, counted from the first byte
   * written.
   */
  readonly start: { readonly line: number } | { readonly offset: number };
  /** Position of the cell in its row, counted from 1; null where the row as a whole is at fault. */
  readonly column: number | null;
}

/**
 * Reads CSV with csv-parse and adds the start line of every record. Bytes go in through `write`, records come out
 * through `take`, and a fault ends the reading. Every unquoted line break ends a record, and blank lines count as
 * records inside the parser. So a record starts on the sum of the line breaks before it, which is exact for CR, LF
 * and CR LF mixed. (`info.lines` is a record's last line and counts a quoted CR LF twice.)
 */
export class CsvReader {
  private readonly parser: Parser;
  private records: CsvRecord[] = [];
  private line: number;
  private blankLinesSoFar = 0;
  private lastLineSoFar = 0;
  private unfinishedBytes = 0;
  private fault: CsvFault | null = null;

  constructor(delimiter: string, firstLine: number) {
    this.line = firstLine;
    this.parser = new Parser({
      bom: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      // Deliver rows of any length: without named columns this option drops no cell.
      relax_column_count: true,
      max_record_size: MAX_ROW_BYTES,
    });
    const core = Reflect.get(this.parser, 'api') as ParserCore;
    letRecordsDiffer(core);
    compareAtOnce(core, Buffer.from(delimiter));
    this.parser.on('data', (cells: string[]) => this.keep(cells));
    // `write` and `end` return faults; without this listener the event would end the process.
    this.parser.on('error', () => undefined);
  }

  async write(chunk: Buffer): Promise<CsvFault | null> {
    this.unfinishedBytes += chunk.length;
    const written = new Promise<void>((resolve, reject) => {
      this.parser.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    const fault = await this.settle(written);
    if (fault !== null || this.unfinishedBytes <= MAX_ROW_BYTES) return fault;
    // The parser's own limit counts only the text of cells, so a line of delimiters would never reach it.
    return { kind: 'row_too_large', start: { line: this.line }, column: null };
  }

  /** Ends the input; the last records can be taken afterwards. */
  async end(): Promise<CsvFault | null> {
    this.parser.end();
    return await this.settle(finished(this.parser));
  }

  /** Returns the records since the last call, without blank lines. */
  take(): readonly CsvRecord[] {
    const records = this.records;
    this.records = [];
    return records;
  }

  /** Number of records by the parser's own count, without blank lines but with the header. */
  get recordCount(): number {
    return this.parser.info.records - this.blankLinesSoFar;
  }

  /** The line on which the last record starts, which may be a blank line. */
  get lastLine(): number {
    return this.lastLineSoFar;
  }

  get blankLines(): number {
    return this.blankLinesSoFar;
  }

  close(): void {
    this.parser.destroy();
  }

  private async settle(work: Promise<void>): Promise<CsvFault | null> {
    try {
      await work;
    } catch (error) {
      return asFault(error);
    }
    return this.fault;
  }

  private keep(cells: string[]): void {
    this.unfinishedBytes = 0;
    const line = this.line;
    let next = line + 1;
    for (const [index, cell] of cells.entries()) {
      if (isTooLarge(cell)) {
        this.fault ??= { kind: 'field_too_large', start: { line: next - 1 }, column: index + 1 };
      }
      next += countLineBreaks(cell);
    }
    this.line = next;
    if (next === line + 1 && isBlank(cells)) this.blankLinesSoFar += 1;
    else this.records.push(next === line + 1 ? { line, cells } : { line, cells, isMultiLine: true });
    this.lastLineSoFar = line;
  }
}

/** The part of csv-parse's core that is needed here; its types do not declare it. */
interface ParserCore {
  readonly state: { readonly record: readonly unknown[]; expectedRecordLength: number | undefined };
  __onRecord: (push: unknown) => unknown;
  __isDelimiter: (bytes: Buffer, at: number, byte: number | undefined) => number;
  __isRecordDelimiter: (byte: number | undefined, bytes: Buffer, at: number) => number;
}

/**
 * Makes records of different lengths cheap. For every record of another length than the first, the parser creates an
 * error with copies of all its options, even where `relax_column_count` then drops it: 30 µs each, and a list of
 * blank lines has nothing else. So the expected length is set to that of the current record just before the parser
 * compares. A computed property would not do: it turns the parser's state into a dictionary, and reading is four
 * times slower.
 */
function letRecordsDiffer(core: ParserCore): void {
  const onRecord = core.__onRecord.bind(core);
  core.__onRecord = (push) => {
    core.state.expectedRecordLength = core.state.record.length;
    return onRecord(push);
  };
}

/**
 * Gives the parser the comparisons that its options mean, in place of loops over lists of them. It asks at each byte
 * whether a delimiter or a line end begins there, which with three line ends is a fifth of its time. Each returns the
 * length of what it finds. A delimiter of several bytes, which only a line `sep=` can ask for, is left to the parser.
 */
function compareAtOnce(core: ParserCore, delimiter: Buffer): void {
  if (delimiter.length === 1) core.__isDelimiter = (_, __, byte) => (byte === delimiter[0] ? 1 : 0);
  core.__isRecordDelimiter = (byte, bytes, at) => {
    if (byte === LF) return 1;
    if (byte !== CR) return 0;
    return bytes[at + 1] === LF ? 2 : 1;
  };
}

/**
 * Returns whether a row has only blanks and delimiters, as a spreadsheet writes an empty row. An empty quoted cell is
 * blank too.
 */
function isBlank(cells: readonly string[]): boolean {
  return cells.every(isBlankText);
}

function isTooLarge(cell: string): boolean {
  return cell.length * 3 > MAX_FIELD_BYTES && Buffer.byteLength(cell) > MAX_FIELD_BYTES;
}

const faultKinds: ReadonlyMap<string, CsvFault['kind']> = new Map([
  ['CSV_MAX_RECORD_SIZE', 'row_too_large'],
  ['CSV_QUOTE_NOT_CLOSED', 'quote_not_closed'],
  ['CSV_INVALID_CLOSING_QUOTE', 'quote_misplaced'],
  ['INVALID_OPENING_QUOTE', 'quote_misplaced'],
]);

/** Translates the parser's error. Its message quotes the cell, so nothing of the message is passed on. */
function asFault(error: unknown): CsvFault {
  const kind = error instanceof CsvError ? faultKinds.get(error.code) : undefined;
  if (!(error instanceof CsvError) || kind === undefined) throw error;
  // `bytes` is the end of the last complete field or record; the faulty one starts on the same line.
  return { kind, start: { offset: Number(error['bytes']) }, column: Number(error['column']) + 1 };
}
