import { ListRefusedError } from './list-errors.ts';
import type { ListRecord } from './list-table.ts';
import type { RowLayout } from './rows/row-content.ts';
import { readTotalsLine } from './totals-line.ts';

/** Rows that the list itself gives for a stretch of its lines. */
export interface ListTotals {
  /** Both lines are no rows; 0: from the list's beginning. */
  readonly afterLine: number;
  readonly throughLine: number;
  readonly rows: number;
}

interface WrongCount {
  readonly line: number;
  readonly says: number;
  readonly rows: number;
}

/** Knows the lines that sum up the rows above them, and compares the count they give with the rows read. */
export class TotalsCheck {
  readonly #file: string;
  readonly #layout: RowLayout;
  #lines = 0;
  #rowsBefore = 0;
  #wrong: WrongCount | null = null;
  #lastLine = 0;
  #totals: ListTotals | null = null;

  constructor(file: string, layout: RowLayout) {
    this.#file = file;
    this.#layout = layout;
  }

  get lines(): number {
    return this.#lines;
  }

  /**
   * What the last line with a count gives: of all rows above it, or, where it sums up those since the line before, with
   * the counts of the lines before that it goes on from. Null without one.
   */
  get totals(): ListTotals | null {
    return this.#totals;
  }

  /** True if the record is such a line. `rows`: read so far. */
  take(record: ListRecord, cells: readonly string[], rows: number): boolean {
    const totals = readTotalsLine(cells, this.#layout);
    if (totals === null) return false;
    this.#lines += 1;
    // Of all rows above, or of those since the last such line.
    const isRight =
      totals.count === null || totals.count === rows || totals.count === rows - this.#rowsBefore;
    if (!isRight) this.#wrong ??= { line: record.line, says: totals.count, rows };
    if (isRight && totals.count !== null) this.#keep(record.line, totals.count, totals.count === rows);
    this.#lastLine = record.line;
    this.#rowsBefore = rows;
    return true;
  }

  #keep(line: number, count: number, isOfAll: boolean): void {
    const before = isOfAll ? null : this.#totals;
    const goesOn = before?.throughLine === this.#lastLine ? before : null;
    this.#totals = {
      afterLine: goesOn?.afterLine ?? (isOfAll ? 0 : this.#lastLine),
      throughLine: line,
      rows: count + (goesOn?.rows ?? 0),
    };
  }

  /** Throws ListRefusedError: a list that is not as long as it says has lost rows, or gained some. */
  finish(): void {
    if (this.#wrong === null) return;
    const { line, says, rows } = this.#wrong;
    throw new ListRefusedError({
      reason: 'totals',
      file: this.#file,
      line,
      column: null,
      what: `the totals line says ${says} and ${rows === 1 ? '1 row stands' : `${rows} rows stand`} above it`,
      advice: 'export the list again, or correct or remove that line',
    });
  }
}
