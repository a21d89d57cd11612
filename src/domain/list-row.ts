import type { Par } from './identity/par.ts';
import type { UserId } from './identity/user-id.ts';
import type { Rejection } from './rejection/rejection.ts';

/** One data row of a list, as intake hands it to the ledger. Blank lines, titles and totals lines are not rows. */
export interface ListRow {
  /** Number of the data row, counted from 1. Rows are handed over in this order, without gaps. */
  readonly rowNo: number;
  /**
   * Its place, counted from 1: the physical line it starts on, the row of the sheet, or the number in the query's
   * order.
   */
  readonly line: number;
  /** The row's own cells in the list's order, unaltered. May be fewer or more than the header has. */
  readonly cells: readonly string[];
  readonly content: RowContent;
}

export type RowContent =
  | { readonly kind: 'record'; readonly userId: UserId; readonly par: Par }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** What a cell takes in memory and in a statement, in addition to its characters. */
const CELL_CHARACTERS = 32;

/** Returns the characters that a row's cells count for where rows are taken by sets. */
export function weightOf(cells: readonly string[]): number {
  let weight = cells.length * CELL_CHARACTERS;
  for (const cell of cells) weight += cell.length;
  return weight;
}
