import type { ListRecord } from '../list-table.ts';
import type { FinishedRow } from './xlsx-row.ts';

const RECORDS_A_SET = 300;

/** Limits a set of very wide records, as another limit does for very long texts. */
const CELLS_A_SET = 300_000;
const BYTES_A_SET = 4 * 1024 * 1024;

interface WaitingRow {
  readonly row: FinishedRow;
  readonly width: number;
}

/**
 * Turns rows into records and hands them out in sets. Sheets end a row at its last cell, so a row whose last cells
 * are empty would look like one that lacks cells. Therefore all records from the first row with two filled cells on,
 * which is the header or a title of its width, are at least as wide as that row.
 */
export class RecordSets {
  private width: number | null = null;
  private waiting: WaitingRow[] = [];
  private waitingBytes = 0;
  private lastLine = 0;
  private blankLinesSoFar = 0;
  private countSoFar = 0;

  add(rows: readonly FinishedRow[]): void {
    for (const row of rows) {
      this.blankLinesSoFar += row.line - this.lastLine - 1;
      this.lastLine = row.line;
      if (this.width === null && row.filled >= 2) this.width = row.cells.length;
      this.waitingBytes += row.bytes;
      this.waiting.push({ row, width: Math.max(row.cells.length, this.width ?? 0) });
    }
  }

  /** Yields all full sets and, at the end, also the last one, which may be smaller. */
  *take(isEnd: boolean): Generator<readonly ListRecord[]> {
    const size = Math.min(RECORDS_A_SET, Math.ceil(CELLS_A_SET / Math.max(1, this.width ?? 0)));
    if (!isEnd && this.waiting.length < size && this.waitingBytes < BYTES_A_SET) return;
    let from = 0;
    let bytes = 0;
    for (const [index, { row }] of this.waiting.entries()) {
      const rows = index + 1 - from;
      bytes += row.bytes;
      const isFull = rows >= size || bytes >= BYTES_A_SET;
      if (!isFull && !(isEnd && index + 1 === this.waiting.length)) continue;
      this.countSoFar += rows;
      yield this.waiting.slice(from, from + rows).map(toRecord);
      from += rows;
      this.waitingBytes -= bytes;
      bytes = 0;
    }
    this.waiting = this.waiting.slice(from);
  }

  /** Number of records handed out. */
  get count(): number {
    return this.countSoFar;
  }

  /** Number of rows without content above the last record; empty formatted rows below the list do not count. */
  get blankLines(): number {
    return this.blankLinesSoFar;
  }
}

function toRecord({ row, width }: WaitingRow): ListRecord {
  const { line, cells } = row;
  while (cells.length < width) cells.push('');
  const marks = row.marks.length === 0 ? row.marks : row.marks.filter(({ index }) => index < width);
  return marks.length === 0 ? { line, cells } : { line, cells, marks };
}
