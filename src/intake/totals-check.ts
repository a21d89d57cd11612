import { ListRefusedError } from './list-errors.ts';
import type { ListRecord } from './list-table.ts';
import type { RowLayout } from './rows/row-content.ts';
import { readTotalsLine } from './totals-line.ts';

/** The number of rows that the list itself states for a range of its lines. */
export interface ListTotals {
  /** The line before the first row of the range, 0 for the list's beginning. Neither border line is a row. */
  readonly afterLine: number;
  readonly throughLine: number;
  readonly rows: number;
}

interface WrongCount {
  readonly line: number;
  readonly says: number;
  readonly rows: number;
}

/** Recognises the lines that sum up the rows above them, and compares their counts with the rows read. */
export class TotalsCheck {
  private readonly file: string;
  private readonly layout: RowLayout;
  private linesSoFar = 0;
  private rowsBefore = 0;
  private wrong: WrongCount | null = null;
  /** A wrong count in a line that reads like a title: an error unless a header follows it. */
  private wrongTitle: WrongCount | null = null;
  /** The last header below the first one: its line, and the number of rows above it. */
  private header: { readonly line: number; readonly rows: number } | null = null;
  private lastLine = 0;
  private totalsSoFar: ListTotals | null = null;

  constructor(file: string, layout: RowLayout) {
    this.file = file;
    this.layout = layout;
  }

  get lines(): number {
    return this.linesSoFar;
  }

  /**
   * What the last line with a count states: the number of all rows above it or, where it sums up the rows since the
   * totals line before, together with the counts of the lines before. Null where no line has a count.
   */
  get totals(): ListTotals | null {
    return this.totalsSoFar;
  }

  /** Marks the start of a joined export: its totals lines count only the rows from here on. */
  beginAgain(line: number, rows: number): void {
    this.header = { line, rows };
    this.rowsBefore = rows;
    this.lastLine = line;
    this.wrongTitle = null;
  }

  /**
   * Returns whether the record is a totals line. `rows`: rows read so far. `isTitle`: the line reads like a title,
   * which may stand above a second header and count the rows below it.
   */
  take(record: ListRecord, cells: readonly string[], rows: number, isTitle: boolean): boolean {
    const totals = readTotalsLine(cells, this.layout);
    if (totals === null) return false;
    this.linesSoFar += 1;
    this.compare(record.line, totals.count, rows, isTitle);
    this.lastLine = record.line;
    this.rowsBefore = rows;
    return true;
  }

  /**
   * Accepts a count that equals the rows above, the rows since the last totals line, or the rows since the last
   * header.
   */
  private compare(line: number, count: number | null, rows: number, isTitle: boolean): void {
    if (count === null) return;
    const sinceHeader = this.header === null ? rows : rows - this.header.rows;
    if (count === rows || count === rows - this.rowsBefore) this.keep(line, count, count === rows);
    else if (count === sinceHeader) this.keepSinceHeader(line, count);
    else if (isTitle) this.wrongTitle ??= { line, says: count, rows: sinceHeader };
    else this.wrong ??= { line, says: count, rows: sinceHeader };
  }

  private keepSinceHeader(line: number, rows: number): void {
    this.totalsSoFar = { afterLine: this.header?.line ?? 0, throughLine: line, rows };
  }

  private keep(line: number, count: number, isOfAll: boolean): void {
    const before = isOfAll ? null : this.totalsSoFar;
    const goesOn = before?.throughLine === this.lastLine ? before : null;
    this.totalsSoFar = {
      afterLine: goesOn?.afterLine ?? (isOfAll ? 0 : this.lastLine),
      throughLine: line,
      rows: count + (goesOn?.rows ?? 0),
    };
  }

  /** Throws ListRefusedError where a stated count is wrong: the list has lost or gained rows. */
  finish(): void {
    const wrong = this.wrong ?? this.wrongTitle;
    if (wrong === null) return;
    const { line, says, rows } = wrong;
    throw new ListRefusedError({
      reason: 'totals',
      file: this.file,
      line,
      column: null,
      what: {
        en: `the totals line says ${says}, but ${rows === 1 ? '1 row stands' : `${rows} rows stand`} above it`,
        ko: `합계 줄은 ${says}건이라 하는데 그 위에는 ${rows}건이 있습니다`,
      },
      advice: {
        en: 'export the list again, or correct or remove that line',
        ko: '목록을 다시 내보내거나 그 줄을 고치거나 지워 주십시오',
      },
    });
  }
}
