import {
  findHeader,
  HEADER_LINES,
  looksLikeRow,
  readHeader,
  type FoundHeader,
  type HeaderFault,
  type HeaderSearch,
} from './list-header.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { ListRecord, ListTable } from '../list-table.ts';
import { showHeader } from '../shown-text.ts';

interface FirstRecords {
  readonly records: readonly ListRecord[];
  /** There are more, in which no header is looked for. */
  readonly hasMore: boolean;
}

/** The header of a table: its own, or found among its first records. Throws ListRefusedError for one without records. */
export async function searchHeader(
  table: ListTable,
  search: HeaderSearch,
): Promise<FoundHeader | HeaderFault> {
  if (table.header !== null) {
    const found = readHeader({ line: 1, cells: table.header }, search.columns);
    return { ...found, line: null };
  }
  const first = await readFirst(table);
  if (first.records.length === 0) throw refuseEmpty(table);
  const found = findHeader(first.records, search);
  if (found.kind === 'found' || found.reason !== 'column_missing' || found.hasOther) return found;
  return { ...found, advice: [found.advice, ...whereElse(table, first)].join('; ') };
}

/** Blank lines above the first text are no reason to look less far down. */
async function readFirst(table: ListTable): Promise<FirstRecords> {
  const first: ListRecord[] = [];
  const records = table.records({ onBytes: () => undefined });
  try {
    for (;;) {
      const { value, done } = await records.next();
      if (done === true) return { records: first, hasMore: false };
      for (const record of value) {
        const [top = record] = first;
        if (record.line >= top.line + HEADER_LINES) return { records: first, hasMore: true };
        first.push(record);
      }
    }
  } finally {
    await records.return({ records: 0, blankLines: 0 });
  }
}

/** Where a header may stand that was not found. */
function whereElse({ sheets }: ListTable, { records, hasMore }: FirstRecords): string[] {
  const advice: string[] = [];
  if (hasMore && !records.some(({ cells }) => looksLikeRow(cells))) {
    advice.push(`if the header stands below line ${HEADER_LINES}, take away lines above it`);
  }
  if (sheets !== null && sheets.unread.length > 0) {
    advice.push(
      `if the list is not on sheet "${sheets.read}" but on ${showHeader(sheets.unread)}, make that sheet the first or name it in list.sheet of a job file`,
    );
  }
  return advice;
}

function refuseEmpty(table: ListTable): ListRefusedError {
  const { name, sheets } = table;
  return new ListRefusedError({
    reason: 'empty',
    file: name,
    line: null,
    column: null,
    what: `${sheets === null ? 'the file' : `sheet "${sheets.read}"`} is empty, not even a header is there`,
    advice: ['export the list again', ...whereElse(table, { records: [], hasMore: false })].join('; '),
  });
}

export function refuseHeader(table: ListTable, fault: HeaderFault): ListRefusedError {
  const cell =
    fault.line === null || fault.column === null ? null : table.cellName(fault.line, fault.column - 1);
  const { reason, line, column, what, advice } = fault;
  return new ListRefusedError({ reason, file: table.name, line, column, cell, what, advice });
}
