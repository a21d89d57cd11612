import { unguardFormula } from '../../domain/formula-guard.ts';
import type { ListRow, RowContent } from '../../domain/list-row.ts';
import type { FoundHeader } from '../header/list-header.ts';
import type { CellMark, ListRecord } from '../list-table.ts';
import { checkRow, readIdCells, rejectError, rejectNoResult, type IdCells } from './row-content.ts';

/** A row with what was seen on the way to it. */
export interface ReadRow extends ListRow {
  readonly ids: IdCells;
}

/** A row of our own file with all its cells loses our columns; one without them is kept as it is. */
export function readRow(record: ListRecord, rowNo: number, header: FoundHeader): ReadRow {
  const cells = header.handedBack ? ownCells(record.cells, header) : record.cells;
  const layout = { header: header.own, columns: header };
  const ids = readIdCells(cells, layout);
  const content = markedContent(record.marks ?? [], cells, header) ?? checkRow(cells, layout, ids);
  return { rowNo, line: record.line, cells, content, ids };
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

function ownCells(cells: readonly string[], { own, cells: fileHeader }: FoundHeader): readonly string[] {
  const isWhole = cells.length === fileHeader.length;
  return (isWhole ? cells.slice(0, own.length) : cells).map(unguardFormula);
}
