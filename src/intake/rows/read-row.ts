import type { ListRow, RowContent } from '../../domain/list-row.ts';
import type { FoundHeader } from '../header/list-header.ts';
import type { CellMark, ListRecord, ListTable } from '../list-table.ts';
import {
  checkRow,
  readIdCells,
  rejectError,
  rejectMisfit,
  rejectNoResult,
  type IdCells,
} from './row-content.ts';
import { fitRow } from './row-width.ts';

/** A row with the corrected id cells it was read from. */
export interface ReadRow extends ListRow {
  readonly ids: IdCells;
}

/** Reads a record as a row. */
export function readRow(
  record: ListRecord,
  rowNo: number,
  header: FoundHeader,
  format: ListTable['format'],
): ReadRow {
  const { cells, misfit } = fitRow(record.cells, header, format);
  const layout = { header: header.own, columns: header };
  const ids = readIdCells(cells, layout);
  const content =
    (record.marks === undefined ? null : markedContent(record.marks, cells, header)) ??
    (misfit === null ? checkRow(cells, layout, ids) : rejectMisfit(misfit));
  return { rowNo, line: record.line, cells, content, ids };
}

/**
 * Rejects what only the cell itself shows: a spreadsheet's error, or a formula without a result. The user id is
 * checked first.
 */
function markedContent(
  marks: readonly CellMark[],
  cells: readonly string[],
  header: FoundHeader,
): RowContent | null {
  for (const field of ['userId', 'par'] as const) {
    const index = header[field];
    const [cell = '', column = ''] = [cells[index], header.own[index]];
    const has = (kind: CellMark['kind']): boolean =>
      marks.some((mark) => mark.index === index && mark.kind === kind);
    if (has('error')) return rejectError(cell, column, field);
    if (has('formula') && cell === '') return rejectNoResult(column, field);
  }
  return null;
}
