import type { RowContent } from '../../domain/list-row.ts';
import { parsePar, type ParFault } from '../../domain/identity/par.ts';
import { parseUserId, type UserIdFault } from '../../domain/identity/user-id.ts';
import type { Rejection } from '../../domain/rejection/rejection.ts';
import { cutMaskedCell, showHeaderCell } from '../shown-text.ts';
import { type IdCell, normaliseIdCell } from './id-cell.ts';
import type { Misfit } from './row-width.ts';

export interface RowLayout {
  readonly header: readonly string[];
  readonly columns: { readonly userId: number; readonly par: number };
}

/** The corrected cells of a row's two id columns. */
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

/**
 * Turns the cells of a row that fits its header into a record or a rejection. Where both ids are wrong it names the
 * user id's fault.
 */
export function checkRow(cells: readonly string[], layout: RowLayout, ids: IdCells): RowContent {
  const { header, columns } = layout;
  const userId = parseUserId(ids.userId.text);
  if (typeof userId !== 'string') {
    return rejectCell(userId.fault, cells[columns.userId] ?? '', header[columns.userId] ?? '');
  }
  const par = parsePar(ids.par.text);
  if (typeof par !== 'string')
    return rejectCell(par.fault, cells[columns.par] ?? '', header[columns.par] ?? '');
  return { kind: 'record', userId, par };
}

/** Rejects a row whose cells can't be assigned to columns. */
export function rejectMisfit({ cells, expectedCells }: Misfit): RowContent {
  return rejected({ reason: 'cells', cells, expectedCells });
}

/** Rejects a line of words between members. */
export function rejectHeading(): RowContent {
  return rejected({ reason: 'heading' });
}

/** Rejects a row with a spreadsheet's error value in place of an id. */
export function rejectError(cell: string, column: string, field: 'userId' | 'par'): RowContent {
  return rejected({
    reason: field === 'userId' ? 'user_id_error' : 'par_error',
    column: showHeaderCell(column),
    error: shownError(cell),
  });
}

/** Rejects a row with a formula in place of an id, where the file does not hold the formula's result. */
export function rejectNoResult(column: string, field: 'userId' | 'par'): RowContent {
  const reason = field === 'userId' ? 'user_id_missing' : 'par_missing';
  return rejected({ reason, column: showHeaderCell(column), isFormula: true });
}

function rejected(rejection: Rejection): RowContent {
  return { kind: 'rejected', rejection };
}

/** `cell` and `header` are given as they stand in the list. */
function rejectCell(reason: UserIdFault | ParFault, cell: string, header: string): RowContent {
  // A text file saved from a spreadsheet shows the error as text.
  if (isSpreadsheetError(cell))
    return rejectError(cell, header, reason.startsWith('user') ? 'userId' : 'par');
  const column = showHeaderCell(header);
  switch (reason) {
    case 'user_id_missing':
    case 'par_missing':
      return rejected({ reason, column, isFormula: false });
    case 'user_id_zero':
      return rejected({ reason, column });
    case 'user_id_length':
    case 'par_lower_case':
      return rejected({ reason, column, cell: cutMaskedCell(cell) });
    case 'user_id_format':
    case 'par_format':
      return rejected({ reason, column, cell: cutMaskedCell(cell), ...foreignCharacters(cell) });
    case 'par_length':
      return rejected({ reason, column, cell: cutMaskedCell(cell), length: Array.from(cell.trim()).length });
  }
}

const ERRORS =
  /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NUM!|NAME\?|NULL!|SPILL!|CALC!|FIELD!|BUSY!|CONNECT!|BLOCKED!|UNKNOWN!|GETTING_DATA)$/;

/** Returns whether a cell's text is an error that spreadsheets show in place of a formula's result. */
export function isSpreadsheetError(cell: string): boolean {
  return ERRORS.test(cell.trim());
}

/**
 * Returns only error values that a spreadsheet writes itself, such as #N/A and #DIV/0!; other text may be personal.
 */
function shownError(cell: string): string {
  return /^#[A-Z_]{1,16}(?:\/[A0])?[!?]?$/.test(cell.trim()) ? cell.trim() : '#';
}

const MOST_FOREIGN = 3;

function foreignCharacters(cell: string): {
  readonly foreign: readonly string[];
  readonly hasMoreForeign: boolean;
} {
  const found = Array.from(cell.trim()).filter((character) => character > '~' || character < ' ');
  const points = [...new Set(found)].map(
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return { foreign: points.slice(0, MOST_FOREIGN), hasMoreForeign: points.length > MOST_FOREIGN };
}
