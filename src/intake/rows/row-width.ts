import { unguardFormula } from '../../domain/formula-guard.ts';
import type { FoundHeader } from '../header/list-header.ts';
import type { ListTable } from '../list-table.ts';

/** A row's own cells, without those an earlier run of ours added. */
export interface OwnCells {
  readonly cells: readonly string[];
  /** The cells can't be assigned to columns. */
  readonly isMisfit: boolean;
}

/**
 * Fits a row to its header. Missing or extra cells at the end do no harm where they are empty, because spreadsheets
 * drop or add empty cells. A row that lacks one of the two ids does not fit. In a workbook every cell has its column
 * and can't shift others, so filled cells beyond the header are kept behind the list's own.
 */
export function fitRow(cells: readonly string[], header: FoundHeader, format: ListTable['format']): OwnCells {
  const width = header.cells.length;
  if (cells.length === width) return { cells: ownOf(cells, header), isMisfit: false };
  if (format === 'xlsx') {
    const padded = cells.length > width ? cells : [...cells, ...emptyCells(width - cells.length)];
    const beyond = padded.slice(width, 1 + padded.findLastIndex((cell) => cell.trim() !== ''));
    return { cells: [...ownOf(padded, header), ...beyond], isMisfit: false };
  }
  if (format === 'postgres') return { cells, isMisfit: true };
  if (cells.length > width) {
    const isFilled = cells.slice(width).some((cell) => cell.trim() !== '');
    return isFilled
      ? { cells: unguarded(cells, header), isMisfit: true }
      : { cells: ownOf(cells, header), isMisfit: false };
  }
  const own = cells.length > header.own.length ? ownOf(cells, header) : unguarded(cells, header);
  return { cells: own, isMisfit: cells.length <= Math.max(header.userId, header.par) };
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
