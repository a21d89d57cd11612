import { ListRefusedError } from './list-errors.ts';
import type { ListRecord } from './list-table.ts';
import type { RowLayout } from './row-content.ts';
import { readTotalsLine } from './totals-line.ts';

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

  constructor(file: string, layout: RowLayout) {
    this.#file = file;
    this.#layout = layout;
  }

  get lines(): number {
    return this.#lines;
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
    this.#rowsBefore = rows;
    return true;
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
