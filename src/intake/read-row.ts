import { unguardFormula } from '../domain/formula-guard.ts';
import type { ListRow, RowContent } from '../domain/list-row.ts';
import type { FoundHeader } from './list-header.ts';
import type { CellMark, ListRecord } from './list-table.ts';
import { checkRow, readIdCells, rejectError, rejectNoResult, type IdCells } from './row-content.ts';
import { fitCells, isFitted } from './row-width.ts';

/** A row with what was seen on the way to it. */
export interface ReadRow extends ListRow {
  readonly ids: IdCells;
  /** Empty cells at its end were dropped or added. */
  readonly isFitted: boolean;
}

/** As wide as the header wherever that is safe; of our own file without our columns and our guards. */
export function readRow(record: ListRecord, rowNo: number, header: FoundHeader): ReadRow {
  const fitted = fitCells(record, header);
  const cells = header.handedBack ? fitted.map(unguardFormula) : fitted;
  const layout = { header: header.own, columns: header };
  const ids = readIdCells(cells, layout);
  const content = markedContent(record.marks ?? [], cells, header) ?? checkRow(cells, layout, ids);
  return { rowNo, line: record.line, cells, content, ids, isFitted: isFitted(record, cells, header) };
}

/** What only the cell itself tells: a spreadsheet's error, or a formula without a result. The user id's comes first. */
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
