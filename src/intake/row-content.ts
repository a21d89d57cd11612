import type { RejectionReason, RowContent } from '../domain/list-row.ts';
import { parsePar } from '../domain/par.ts';
import { parseUserId } from '../domain/user-id.ts';
import { showHeaderCell, showMaskedCell } from './shown-text.ts';

export interface RowLayout {
  readonly header: readonly string[];
  readonly columns: { readonly userId: number; readonly par: number };
}

/** Turns a row's cells into a record or a rejection. Of two faults the user id's is told. */
export function checkRow(cells: readonly string[], layout: RowLayout): RowContent {
  const { header, columns } = layout;
  if (cells.length !== header.length) {
    const message = `The row has ${count(cells.length)} where the header has ${count(header.length)}.`;
    return { kind: 'rejected', reason: 'cells', column: null, message };
  }
  const userIdCell = cells[columns.userId] ?? '';
  const userId = parseUserId(userIdCell);
  if (typeof userId !== 'string') return reject(userId.fault, userIdCell, header[columns.userId] ?? '');
  const parCell = cells[columns.par] ?? '';
  const par = parsePar(parCell);
  if (typeof par !== 'string') return reject(par.fault, parCell, header[columns.par] ?? '');
  return { kind: 'record', userId, par };
}

function count(cells: number): string {
  return cells === 1 ? '1 cell' : `${cells} cells`;
}

function reject(reason: Exclude<RejectionReason, 'cells'>, cell: string, column: string): RowContent {
  const message = `${showHeaderCell(column)} ${faultOf(reason, cell)}; ${expectedOf(reason)}.`;
  return { kind: 'rejected', reason, column, message };
}

function faultOf(reason: Exclude<RejectionReason, 'cells'>, cell: string): string {
  switch (reason) {
    case 'user_id_missing':
    case 'par_missing':
      return 'is empty';
    case 'user_id_format':
      return `${showMaskedCell(cell)} holds something other than digits`;
    case 'user_id_zero':
      return 'is zero';
    case 'user_id_length':
      return `${showMaskedCell(cell)} has more than 19 digits`;
    case 'par_length':
      return `${showMaskedCell(cell)} has ${cell.trim().length} characters`;
    case 'par_format':
      return `${showMaskedCell(cell)} holds something other than A-Z and 0-9`;
  }
}

function expectedOf(reason: Exclude<RejectionReason, 'cells'>): string {
  return reason.startsWith('user_id')
    ? 'expected are 1 to 19 digits, not zero'
    : 'expected are exactly 27 characters of A-Z and 0-9';
}
