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

/** How far down a header may stand, titles above it; blank lines above the first text don't count. */
export const HEADER_LINES = 20;

export interface HeaderSearch {
  /** False: the list has none, the columns are given by number. */
  readonly header: 'auto' | false;
  readonly columns: WantedColumns;
  /** Rows of the source end at their last filled cell; false when left out. */
  readonly isWorkbook?: boolean;
}

export interface FoundHeader {
  readonly kind: 'found';
  /** The record that is the header; null: there is none, rows begin at once. */
  readonly line: number | null;
  /** As it stands in the list. */
  readonly cells: readonly string[];
  /** The list's own columns; those an earlier run of ours added are dropped. */
  readonly own: readonly string[];
  readonly handedBack: boolean;
  readonly userId: number;
  readonly par: number;
}

export type HeaderFault = ColumnsFault & { readonly line: number | null };

/**
 * Looks for the header among the first records, which are those of the list's beginning: by the known names in every
 * line, then with the short ones.
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

/** Rows that may tell what a column holds: those with a PAR, or all where none has one. */
function rowsBelow({ line }: ListRecord, records: readonly ListRecord[]): RowsBelow {
  const below = records
    .filter((record) => record.line > line)
    .slice(0, HEADER_LINES)
    .map(({ cells }) => cells);
  const members = below.filter((cells) => cells.some(isPar));
  return members.length > 0 ? members : below;
}

/** Of one record. */
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

/** A row of data ends the search: nothing below it can be the header of it. The row itself is shown as seen. */
function untilData(records: readonly ListRecord[]): readonly ListRecord[] {
  const data = records.findIndex(({ cells }) => looksLikeRow(cells));
  return data === -1 ? records : records.slice(0, data + 1);
}

/** It has a user id and a PAR. */
export function looksLikeRow(cells: readonly string[]): boolean {
  return (
    cells.some((cell) => typeof parsePar(cell) === 'string') &&
    cells.some((cell) => typeof parseUserId(cell) === 'string')
  );
}

/** The record that names one of the two, else the one with the most cells: a title has one. */
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

/** In a workbook rows end at their last filled cell, so the first one does not tell how wide the list is. */
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

/** What a column is called that has no header. */
export function numberedColumn(index: number): string {
  return `column_${index + 1}`;
}
