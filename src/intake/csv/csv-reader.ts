import { finished } from 'node:stream/promises';
import { CsvError, Parser } from 'csv-parse';
import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../list-limits.ts';
import { countLineBreaks } from './physical-lines.ts';

export interface CsvRecord {
  /** Physical line on which the record starts, 1 for the first line of the file. */
  readonly line: number;
  readonly cells: readonly string[];
  /** One of the cells goes on over a line's end. */
  readonly isMultiLine?: true;
}

/** Why the text can't be read on. */
export interface CsvFault {
  readonly kind: 'field_too_large' | 'row_too_large' | 'quote_not_closed' | 'quote_misplaced';
  /** The physical line on which the cell at fault starts, or a byte on it, counted from the first written. */
  readonly start: { readonly line: number } | { readonly offset: number };
  /** Position of the cell in its row, 1 for the first; null where the row as a whole is at fault. */
  readonly column: number | null;
}

/**
 * csv-parse with the start line of every record. Bytes go in by `write`, records come out by `take`; a fault
 * ends the reading. Every line break ends a record unless it is quoted, and blank lines stay records inside
 * the parser: so each record's start is the sum of the breaks before it, exact for CR, LF and CR LF mixed
 * (`info.lines` is a record's last line and counts a quoted CR LF twice).
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
      // Without columns no cell is dropped by this: rows come as they are, whatever their length.
      relax_column_count: true,
      max_record_size: MAX_ROW_BYTES,
    });
    letRecordsDiffer(this.parser);
    this.parser.on('data', (cells: string[]) => this.keep(cells));
    // Faults are answered by write and end; without a listener the event would end the process.
    this.parser.on('error', () => undefined);
  }

  async write(chunk: Buffer): Promise<CsvFault | null> {
    this.unfinishedBytes += chunk.length;
    const written = new Promise<void>((resolve, reject) => {
      this.parser.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    const fault = await this.settle(written);
    if (fault !== null || this.unfinishedBytes <= MAX_ROW_BYTES) return fault;
    // The parser's own limit counts what stands in cells, so that a line of delimiters would never end.
    return { kind: 'row_too_large', start: { line: this.line }, column: null };
  }

  /** All bytes were written; the last records can be taken afterwards. */
  async end(): Promise<CsvFault | null> {
    this.parser.end();
    return await this.settle(finished(this.parser));
  }

  /** The records since the last call, blank lines left out. */
  take(): readonly CsvRecord[] {
    const records = this.records;
    this.records = [];
    return records;
  }

  /** Records by the parser's own count, less the blank lines; the header is one of them. */
  get recordCount(): number {
    return this.parser.info.records - this.blankLinesSoFar;
  }

  /** Where the last record starts, blank lines among them. */
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

/** What of csv-parse's core is needed here; its types do not tell of it. */
interface ParserCore {
  readonly state: { readonly record: readonly unknown[]; expectedRecordLength: number | undefined };
  __onRecord: (push: unknown) => unknown;
}

/**
 * For every record of another length than the first the parser makes an error with copies of all its options, also where
 * `relax_column_count` then drops it: 30 µs each, and a list of blank lines is nothing else. So before it looks, the
 * length it expects is made that of the record at hand. Not by a property that computes it: that turns the parser's state
 * into a dictionary, and reading into a quarter of its speed.
 */
function letRecordsDiffer(parser: Parser): void {
  const core = Reflect.get(parser, 'api') as ParserCore;
  const onRecord = core.__onRecord.bind(core);
  core.__onRecord = (push) => {
    core.state.expectedRecordLength = core.state.record.length;
    return onRecord(push);
  };
}

/** Nothing but blanks and delimiters, as a spreadsheet writes an empty row; a quoted cell without content is blank as well. */
function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
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

/** The parser's message quotes the cell, so nothing of it is passed on. */
function asFault(error: unknown): CsvFault {
  const kind = error instanceof CsvError ? faultKinds.get(error.code) : undefined;
  if (!(error instanceof CsvError) || kind === undefined) throw error;
  // `bytes` is where the last finished field or record ended, on the line where the one at fault starts.
  return { kind, start: { offset: Number(error['bytes']) }, column: Number(error['column']) + 1 };
}
