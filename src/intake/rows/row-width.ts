import { unguardFormula } from '../../domain/formula-guard.ts';
import { countExtraColumns } from '../../domain/result-columns.ts';
import type { FoundHeader } from '../header/list-header.ts';
import type { ListTable } from '../list-table.ts';

/** A row's own cells, without those an earlier run of ours added. */
export interface OwnCells {
  readonly cells: readonly string[];
  /** Null: the cells can be assigned to columns. */
  readonly misfit: Misfit | null;
}

/** Numbers of cells that do not fit each other. */
export interface Misfit {
  readonly cells: number;
  readonly expectedCells: number;
}

/**
 * Fits a row to its header. Missing or extra cells at the end do no harm where they are empty, because spreadsheets
 * drop or add empty cells. A row that lacks one of the two ids does not fit. In a workbook every cell has its column
 * and can't shift others, so filled cells beyond the header are kept behind the list's own.
 */
export function fitRow(cells: readonly string[], header: FoundHeader, format: ListTable['format']): OwnCells {
  const fitted = fitWidth(cells, header, format);
  if (fitted.misfit !== null || !header.handedBack) return fitted;
  return { cells: fitted.cells, misfit: findKeptMisfit(cells, header) };
}

function fitWidth(cells: readonly string[], header: FoundHeader, format: ListTable['format']): OwnCells {
  const width = header.cells.length;
  const misfit = { cells: cells.length, expectedCells: header.own.length };
  if (cells.length === width) return { cells: ownOf(cells, header), misfit: null };
  if (format === 'xlsx') {
    const padded = cells.length > width ? cells : [...cells, ...emptyCells(width - cells.length)];
    const beyond = padded.slice(width, 1 + padded.findLastIndex((cell) => cell.trim() !== ''));
    return { cells: [...ownOf(padded, header), ...beyond], misfit: null };
  }
  if (format === 'postgres') return { cells, misfit };
  if (cells.length > width) {
    const isFilled = cells.slice(width).some((cell) => cell.trim() !== '');
    return isFilled
      ? { cells: unguarded(cells, header), misfit }
      : { cells: ownOf(cells, header), misfit: null };
  }
  const own = cells.length > header.own.length ? ownOf(cells, header) : unguarded(cells, header);
  return { cells: own, misfit: cells.length <= Math.max(header.userId, header.par) ? misfit : null };
}

/**
 * Looks at a row that our file names as rejected for its number of cells. The file has columns for the surplus ones, so
 * the row fits that file's header; until a person has emptied them, it still does not fit its own list's.
 */
function findKeptMisfit(cells: readonly string[], { own }: FoundHeader): Misfit | null {
  const [, rowClass, code] = cells.slice(own.length);
  const expectedCells = own.length - countExtraColumns(own);
  if (rowClass !== 'rejected' || code !== 'cells' || expectedCells === own.length) return null;
  const filled = 1 + cells.slice(0, own.length).findLastIndex((cell) => cell.trim() !== '');
  return filled > expectedCells ? { cells: filled, expectedCells } : null;
}

function ownOf(cells: readonly string[], header: FoundHeader): readonly string[] {
  const own = header.own.length === cells.length ? cells : cells.slice(0, header.own.length);
  return unguarded(own, header);
}

/** Removes the apostrophe that our own files put before a formula. */
function unguarded(cells: readonly string[], { handedBack }: FoundHeader): readonly string[] {
  return handedBack ? cells.map(unguardFormula) : cells;
}

function emptyCells(count: number): string[] {
  return Array.from({ length: count }, () => '');
}
