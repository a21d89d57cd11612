import { normaliseName } from './column-names.ts';
import { findColumns } from './list-columns.ts';
import { type FoundHeader, readHeader, type HeaderSearch } from './list-header.ts';
import type { ListRecord } from '../list-table.ts';

/** A line below the header that names both columns again: in the same two positions, or in others. */
export type RepeatedHeader = 'same_columns' | 'other_columns';

/**
 * Tells whether a record repeats the header; null where it does not. A header holds no id, so this is asked only for
 * rows in which none can be read.
 */
export function findRepeatedHeader(
  record: ListRecord,
  header: FoundHeader,
  { columns }: Pick<HeaderSearch, 'columns'>,
): RepeatedHeader | null {
  if (header.line !== null && isSameName(record, header, 'userId') && isSameName(record, header, 'par')) {
    return 'same_columns';
  }
  const wanted = header.line === null ? BY_NAME : columns;
  const found = readHeader(record, wanted, { names: 'short', rows: [] });
  if (found.kind === 'found') {
    const isSame = found.userId === header.userId && found.par === header.par;
    return isSame ? 'same_columns' : 'other_columns';
  }
  // One of the two columns is there and the other twice: a header as well, though not one of this list.
  if (found.reason === 'column_twice' && found.hasOther) return 'other_columns';
  // Where the job names its columns, a header with the usual names belongs to another list.
  const usual = findColumns(record.cells, BY_NAME);
  return usual.kind === 'found' ? 'other_columns' : null;
}

const BY_NAME = { userId: null, par: null };

function isSameName({ cells }: ListRecord, header: FoundHeader, field: 'userId' | 'par'): boolean {
  const index = header[field];
  const name = normaliseName(header.own[index] ?? '');
  return name !== '' && normaliseName(cells[index] ?? '') === name;
}
