import { MAX_ROW_BYTES } from '../list-limits.ts';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09]);

/**
 * Puts cells with stray quotes into quotes, so that csv-parse reads them as spreadsheets do: `="0123"`, which exports
 * write so that Excel keeps the zeros, or `5" screen`. Strict CSV does not allow them. All other bytes stay as they
 * are, and so does a cell with only blanks before its quote, which could be meant either way. Works on UTF-8.
 */
export class BareQuotes {
  private readonly delimiter: number;
  /** The beginning of a line whose end has not arrived yet. */
  private rest: Buffer = Buffer.alloc(0);
  private isQuoted = false;
  private isStart = true;

  constructor(delimiter: string) {
    this.delimiter = delimiter.charCodeAt(0);
  }

  /** Returns all whole lines that have arrived. */
  take(chunk: Buffer): Buffer {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const end = Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1;
    // The parser refuses a line that is too long to be a row; do not gather it here until then.
    const whole = bytes.length - end > MAX_ROW_BYTES ? bytes.length : end;
    this.rest = Buffer.from(bytes.subarray(whole));
    return this.rewrite(bytes.subarray(0, whole));
  }

  finish(): Buffer {
    const rest = this.rest;
    this.rest = Buffer.alloc(0);
    return this.rewrite(rest);
  }

  private rewrite(bytes: Buffer): Buffer {
    const parts: Buffer[] = [];
    let done = 0;
    let floor = 0;
    let at = bytes.indexOf(QUOTE);
    while (at !== -1) {
      const cell = this.isQuoted ? null : this.bareCell(bytes, at, floor);
      if (cell === null) {
        floor = at + 1;
        at = this.passQuote(bytes, at);
      } else {
        const text = bytes.subarray(cell.start, cell.end).toString();
        parts.push(bytes.subarray(done, cell.start), Buffer.from(`"${text.replaceAll('"', '""')}"`));
        done = cell.end;
        floor = cell.end;
        at = bytes.indexOf(QUOTE, cell.end);
      }
    }
    if (bytes.length > 0) this.isStart = false;
    if (parts.length === 0) return bytes;
    parts.push(bytes.subarray(done));
    return Buffer.concat(parts);
  }

  /**
   * Passes a quote that opens or closes a cell; a doubled quote in a quoted cell does neither. Returns the place of
   * the next quote.
   */
  private passQuote(bytes: Buffer, at: number): number {
    const isDoubled = this.isQuoted && bytes[at + 1] === QUOTE;
    if (isDoubled) return bytes.indexOf(QUOTE, at + 2);
    this.isQuoted = !this.isQuoted;
    return bytes.indexOf(QUOTE, at + 1);
  }

  /**
   * Returns the cell around a quote that does not open one; null where it does, or where that can't be decided.
   * `floor`: place behind the last quote. A cell that reaches it is text behind a closing quote, which the parser
   * must refuse.
   */
  private bareCell(bytes: Buffer, at: number, floor: number): { start: number; end: number } | null {
    let start = at;
    while (start > floor && !this.endsCell(bytes[start - 1])) start -= 1;
    if (start === floor && floor > 0) return null;
    const hasMark = this.isStart && start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb;
    if (hasMark) start = 3;
    let first = start;
    while (BLANKS.has(bytes[first])) first += 1;
    if (first >= at) return null;
    let end = at;
    while (end < bytes.length && !this.endsCell(bytes[end])) end += 1;
    return { start, end };
  }

  private endsCell(byte: number | undefined): boolean {
    return byte === this.delimiter || byte === LF || byte === CR;
  }
}
