import type { RowContent } from '../../domain/list-row.ts';
import { parsePar } from '../../domain/identity/par.ts';
import { parseUserId } from '../../domain/identity/user-id.ts';
import { type IdCell, normaliseIdCell } from './id-cell.ts';
import {
  describeHeading,
  describeNoResult,
  describeRejection,
  describeWrongCells,
  type CellReason,
} from './rejection-words.ts';

export interface RowLayout {
  readonly header: readonly string[];
  readonly columns: { readonly userId: number; readonly par: number };
}

/** The two cells of a row that count, put right. */
export interface IdCells {
  readonly userId: IdCell;
  readonly par: IdCell;
}

export function readIdCells(cells: readonly string[], { columns }: RowLayout): IdCells {
  return {
    userId: normaliseIdCell(cells[columns.userId] ?? '', 'userId'),
    par: normaliseIdCell(cells[columns.par] ?? '', 'par'),
  };
}

/** Turns the cells of a row that fits its header into a record or a rejection. Of two faults the user id's is told. */
export function checkRow(cells: readonly string[], layout: RowLayout, ids: IdCells): RowContent {
  const { header, columns } = layout;
  const userId = parseUserId(ids.userId.text);
  if (typeof userId !== 'string') {
    return reject(userId.fault, cells[columns.userId] ?? '', header[columns.userId] ?? '');
  }
  const par = parsePar(ids.par.text);
  if (typeof par !== 'string') return reject(par.fault, cells[columns.par] ?? '', header[columns.par] ?? '');
  return { kind: 'record', userId, par };
}

/** A row of which nobody can tell which cell belongs to which column. */
export function rejectMisfit(cells: readonly string[], header: readonly string[]): RowContent {
  const message = describeWrongCells(cells.length, header.length);
  return { kind: 'rejected', reason: 'cells', column: null, message };
}

/** A line of words between members. */
export function rejectHeading(): RowContent {
  return { kind: 'rejected', reason: 'heading', column: null, message: describeHeading() };
}

/** A spreadsheet's own error stands where an id should. */
export function rejectError(cell: string, column: string, field: 'userId' | 'par'): RowContent {
  return reject(field === 'userId' ? 'user_id_error' : 'par_error', cell, column);
}

export function rejectNoResult(column: string, field: 'userId' | 'par'): RowContent {
  const reason = field === 'userId' ? 'user_id_missing' : 'par_missing';
  return { kind: 'rejected', reason, column, message: describeNoResult(column) };
}

function reject(reason: CellReason, cell: string, column: string): RowContent {
  return { kind: 'rejected', reason, column, message: describeRejection(reason, cell, column) };
}
