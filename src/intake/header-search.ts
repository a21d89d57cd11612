import {
  findHeader,
  HEADER_LINES,
  readHeader,
  type FoundHeader,
  type HeaderFault,
  type HeaderSearch,
} from './list-header.ts';
import { ListRefusedError } from './list-errors.ts';
import type { ListRecord, ListTable } from './list-table.ts';

/** The header of a table: its own, or found among its first records. */
export async function searchHeader(
  table: ListTable,
  search: HeaderSearch,
): Promise<FoundHeader | HeaderFault> {
  if (table.header === null) return findHeader(await readFirst(table), search);
  const found = readHeader({ line: 1, cells: table.header }, search.columns);
  return { ...found, line: null };
}

/** Blank lines above the first text are no reason to look less far down. */
async function readFirst(table: ListTable): Promise<readonly ListRecord[]> {
  const first: ListRecord[] = [];
  const records = table.records({ onBytes: () => undefined });
  try {
    for (;;) {
      const { value, done } = await records.next();
      if (done === true) return first;
      for (const record of value) {
        const [top = record] = first;
        if (record.line >= top.line + HEADER_LINES) return first;
        first.push(record);
      }
    }
  } finally {
    await records.return({ records: 0, blankLines: 0 });
  }
}

export function refuseHeader(table: ListTable, fault: HeaderFault): ListRefusedError {
  const cell =
    fault.line === null || fault.column === null ? null : table.cellName(fault.line, fault.column - 1);
  const { reason, line, column, what, advice } = fault;
  return new ListRefusedError({ reason, file: table.name, line, column, cell, what, advice });
}
