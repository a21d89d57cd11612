import { rowClasses } from '../domain/class.ts';
import type { FoundHeader } from './list-header.ts';
import type { ListRecord } from './list-table.ts';

/**
 * The cells of a record, as wide as the list's own columns. Spreadsheets write empty cells behind a row's last one, and
 * leave out those of its last columns: the former are dropped, the latter added. A row with something behind the last
 * column, or that ends before both ids were there, comes back as it is: nobody knows which of its cells is which. A row
 * of our own file loses our columns.
 */
export function fitCells(record: ListRecord, header: FoundHeader): readonly string[] {
  const { cells } = record;
  const width = header.own.length;
  const fileWidth = header.cells.length;
  if (cells.length === width) return cells;
  if (header.handedBack && cells.length >= fileWidth) {
    return isEmptyFrom(fileWidth, record) ? cells.slice(0, width) : cells;
  }
  if (cells.length < width) return fillUp(record, header);
  const isSurplus = isEmptyFrom(width, record) || (header.handedBack && hasOurs(cells, width));
  return isSurplus ? cells.slice(0, width) : cells;
}

/** True where `fitCells` dropped or added empty cells, not only our own columns. */
export function isFitted(record: ListRecord, fitted: readonly string[], header: FoundHeader): boolean {
  const width = header.own.length;
  const found = record.cells.length;
  return found !== width && found !== header.cells.length && fitted.length === width;
}

function fillUp({ cells, mayBeCut }: ListRecord, { own, userId, par }: FoundHeader): readonly string[] {
  if (cells.length <= Math.max(userId, par)) return cells;
  // The beginning of a user id is one too, and somebody else's. Half a PAR is none.
  if (mayBeCut === true && cells.length === userId + 1) return cells;
  return [...cells, ...Array.from({ length: own.length - cells.length }, () => '')];
}

/** Blanks are nothing. A cell of which the source knows something is not empty, such as a formula without a result. */
function isEmptyFrom(start: number, { cells, marks = [] }: ListRecord): boolean {
  for (let index = start; index < cells.length; index += 1) {
    if (cells[index]?.trim() !== '') return false;
  }
  return marks.every(({ index }) => index < start);
}

/** Our columns begin with line and class; what a spreadsheet left out behind them is ours too. */
function hasOurs(cells: readonly string[], start: number): boolean {
  const [line = '', rowClass = ''] = cells.slice(start, start + 2);
  return /^\d+$/.test(line) && rowClasses.some((name) => name === rowClass);
}
