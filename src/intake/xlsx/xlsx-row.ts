import { isBlankText } from '../blank-text.ts';
import type { CellMark } from '../list-table.ts';
import type { ReadCell } from './xlsx-cell.ts';

/** A row that is not blank. */
export interface FinishedRow {
  readonly line: number;
  /** Cells up to the last one that is not empty. */
  readonly cells: string[];
  readonly marks: readonly CellMark[];
  /** Number of cells that are not empty. */
  readonly filled: number;
  /** Size of the texts in UTF-8. */
  readonly bytes: number;
}

/** Collects the cells of one row. */
export class SheetRow {
  private readonly line: number;
  private readonly cells: string[] = [];
  private readonly marks: CellMark[] = [];
  private filled = 0;
  private isBlank = true;
  private bytesSoFar = 0;
  /** Index of the last cell that was begun, including empty ones; -1 before the first. */
  lastColumn = -1;

  constructor(line: number) {
    this.line = line;
  }

  /** Size of the texts so far, in UTF-8. */
  get bytes(): number {
    return this.bytesSoFar;
  }

  /** Adds a cell; cells come from left to right. A cell whose formula was not computed counts as filled. */
  add(column: number, { text, marks, isUnknown }: ReadCell): void {
    for (const kind of marks) this.marks.push({ index: column, kind });
    if (text === '' && !isUnknown) return;
    while (this.cells.length < column) this.cells.push('');
    this.cells.push(text);
    this.filled += 1;
    this.bytesSoFar += Buffer.byteLength(text);
    this.isBlank &&= !isUnknown && isBlankText(text);
  }

  /** Returns the finished row, or null for a blank one. Marks may stand to the right of the last cell. */
  finish(): FinishedRow | null {
    if (this.isBlank) return null;
    return {
      line: this.line,
      cells: this.cells,
      marks: this.marks,
      filled: this.filled,
      bytes: this.bytesSoFar,
    };
  }
}
