import { unguardFormula } from '../../domain/formula-guard.ts';
import { parsePar } from '../../domain/identity/par.ts';
import { splitHandedBackHeader } from '../../domain/result-columns.ts';
import { parseUserId } from '../../domain/identity/user-id.ts';
import type { RowsBelow } from './column-proposal.ts';
import {
  type ColumnClues,
  type ColumnsFault,
  findColumns,
  numberedColumns,
  type WantedColumns,
} from './list-columns.ts';
import type { ListRecord } from '../list-table.ts';
import { isPar } from '../rows/id-cell.ts';

/** The last line on which a header may stand, below any titles. Blank lines above the first text do not count. */
export const HEADER_LINES = 20;

export interface HeaderSearch {
  /** False: the list has no header, and the columns are given by number. */
  readonly header: 'auto' | false;
  readonly columns: WantedColumns;
  /** Rows of the source end at their last filled cell; false when left out. */
  readonly isWorkbook?: boolean;
}

export interface FoundHeader {
  readonly kind: 'found';
  /** Line of the header; null where there is none and the rows begin at once. */
  readonly line: number | null;
  /** The header's cells as they stand in the list. */
  readonly cells: readonly string[];
  /** The list's own columns, without those an earlier run of ours added. */
  readonly own: readonly string[];
  readonly handedBack: boolean;
  readonly userId: number;
  readonly par: number;
}

export type HeaderFault = ColumnsFault & { readonly line: number | null };

/**
 * Looks for the header among the first records of the list: first in every line by the known names, then by the short
 * ones.
 */
export function findHeader(records: readonly ListRecord[], search: HeaderSearch): FoundHeader | HeaderFault {
  const [first] = records;
  const { columns } = search;
  if (search.header === false) return numbered(records, search);
  const lines = first === undefined ? [] : records.filter(({ line }) => line < first.line + HEADER_LINES);
  const searched = untilData(lines);
  const faults: HeaderFault[] = [];
  for (const names of ['known', 'short_by_values'] as const) {
    for (const record of searched) {
      const found = readHeader(record, columns, { names, rows: rowsBelow(record, records) });
      if (found.kind === 'found' || found.reason !== 'column_missing') return found;
      if (names === 'known') faults.push(found);
    }
  }
  const fault = nearest(faults, searched);
  return fault ?? { ...missingAll(columns), line: first?.line ?? null };
}

/** Returns the rows that tell what a column holds: those with a PAR, or all where none has one. */
function rowsBelow({ line }: ListRecord, records: readonly ListRecord[]): RowsBelow {
  const below = records
    .filter((record) => record.line > line)
    .slice(0, HEADER_LINES)
    .map(({ cells }) => cells);
  const members = below.filter((cells) => cells.some(isPar));
  return members.length > 0 ? members : below;
}

/** Reads one record as a header. */
export function readHeader(
  record: ListRecord,
  columns: WantedColumns,
  clues?: ColumnClues,
): FoundHeader | HeaderFault {
  const { original, handedBack } = splitHandedBackHeader(record.cells);
  const own = handedBack ? original.map(unguardFormula) : original;
  const found = findColumns(own, columns, clues);
  if (found.kind === 'fault') return { ...found, line: record.line };
  return { ...found, line: record.line, cells: record.cells, own, handedBack };
}

/**
 * Returns the records up to and including the first row of data, because no header can follow it. That row is
 * included so that the message can show it.
 */
function untilData(records: readonly ListRecord[]): readonly ListRecord[] {
  const data = records.findIndex(({ cells }) => looksLikeRow(cells));
  return data === -1 ? records : records.slice(0, data + 1);
}

/** Returns whether a record has a user id and a PAR. */
export function looksLikeRow(cells: readonly string[]): boolean {
  return (
    cells.some((cell) => typeof parsePar(cell) === 'string') &&
    cells.some((cell) => typeof parseUserId(cell) === 'string')
  );
}

/**
 * Picks the record to show: the one that names one of the two columns, else the one with the most cells, because
 * titles have only one.
 */
function nearest(faults: readonly HeaderFault[], records: readonly ListRecord[]): HeaderFault | undefined {
  const half = faults.find((fault) => fault.hasOther);
  if (half !== undefined) return half;
  const widths = records.map(({ cells }) => cells.length);
  return faults[widths.indexOf(Math.max(...widths))];
}

function missingAll(columns: WantedColumns): ColumnsFault {
  const found = findColumns([], columns);
  if (found.kind === 'fault') return found;
  throw new Error('Columns were found in a header without cells.');
}

/**
 * Reads the columns by number. In a workbook rows end at their last filled cell, so the first row does not tell how
 * wide the list is.
 */
function numbered(
  records: readonly ListRecord[],
  { columns, isWorkbook }: HeaderSearch,
): FoundHeader | HeaderFault {
  const [first] = records;
  const asked = Math.max(Number(columns.userId), Number(columns.par));
  const width = Math.max(first?.cells.length ?? 0, isWorkbook === true ? asked : 0);
  const found = numberedColumns(width, columns);
  if (found.kind === 'fault') return { ...found, line: first?.line ?? null };
  const own = Array.from({ length: width }, (_, index) => numberedColumn(index));
  return { ...found, line: null, cells: own, own, handedBack: false };
}

/** Returns the name of a column that has no header. */
export function numberedColumn(index: number): string {
  return `column_${index + 1}`;
}
