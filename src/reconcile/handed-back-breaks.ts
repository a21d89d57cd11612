import { basename } from 'node:path';
import type { breakColumns } from '../domain/reconciliation/break.ts';
import { unguardFormula } from '../domain/formula-guard.ts';
import { LONGEST_NOTE, tidyNote } from '../domain/untrusted-text.ts';
import { openTable } from '../intake/open-table.ts';
import type { ListRecord } from '../intake/list-table.ts';
import { readBreaksByNumber, type BreakRow } from '../ledger/breaks/break-table.ts';
import type { BreakNote } from '../ledger/breaks/bulk-resolution.ts';
import type { Queryable } from '../ledger/ledger-port.ts';

/** The file is no list of breaks, so nothing of it can be taken. */
class BreakListUnreadableError extends Error {
  readonly code = 'BREAK_LIST';
}

/** A row that says something of its break. */
export interface NotedRow {
  /** Its line in the file, or its row in the sheet. */
  readonly line: number;
  readonly breakNo: string;
  readonly userId: string;
  readonly par: string;
  readonly note: string;
  /** The user id is a number the spreadsheet has rounded. */
  readonly isRounded: boolean;
}

export interface LineSaid {
  readonly line: number;
  /** A clause without a full stop and without ids. */
  readonly what: string;
}

export interface HandedBackBreaks {
  /** Rows without a note: their breaks are left. */
  readonly leftOut: number;
  readonly notes: readonly BreakNote[];
  /** Rows whose break is gone by itself since: nothing is left to explain. */
  readonly gone: readonly LineSaid[];
  /** Rows that are not of the break they name. Where there is any, nothing of the file may be taken. */
  readonly wrong: readonly LineSaid[];
}

/**
 * Reads a breaks.csv or breaks.xlsx in which people have written notes, and compares each noted row with the break it
 * names: number, user id and PAR must be those of the ledger, so that what a spreadsheet did to an id, or a column that
 * was sorted by itself, never settles another member's. Rejects with BreakListUnreadableError, and ListRefusedError
 * where it is no table that can be read.
 */
export async function readHandedBackBreaks(on: Queryable, path: string): Promise<HandedBackBreaks> {
  const { noted, leftOut } = await readNotedRows(path);
  const numbers = noted
    .map(({ breakNo }) => breakNo)
    .filter(isNumber)
    .map(Number);
  const known = new Map((await readBreaksByNumber(on, numbers)).map((row) => [row.break_no, row]));
  const notes = new Map<number, string>();
  const gone: LineSaid[] = [];
  const wrong: LineSaid[] = [];
  for (const row of noted) {
    const found = known.get(isNumber(row.breakNo) ? Number(row.breakNo) : 0);
    const fault = faultOf(row, found, notes);
    if (fault !== null) wrong.push({ line: row.line, what: fault });
    else if (found?.state === 'closed') {
      gone.push({ line: row.line, what: `break ${row.breakNo} is closed: a comparison no longer found it` });
    } else notes.set(Number(row.breakNo), row.note);
  }
  const asked = [...notes].map(([breakNo, note]) => ({ breakNo, note }));
  return { leftOut, notes: asked, gone, wrong };
}

function isNumber(text: string): boolean {
  return /^[1-9]\d{0,8}$/.test(text);
}

/** Null: the row is of its break. */
function faultOf(
  { breakNo, userId, par, note, isRounded }: NotedRow,
  found: BreakRow | undefined,
  notes: ReadonlyMap<number, string>,
): string | null {
  if (!isNumber(breakNo)) return 'column break holds no number of a break';
  if (found === undefined) return `there is no break ${breakNo}`;
  if (Array.from(note).length > LONGEST_NOTE) return `the note has more than ${LONGEST_NOTE} characters`;
  const earlier = notes.get(Number(breakNo));
  if (earlier !== undefined && earlier !== note) return `break ${breakNo} stands there twice, with two notes`;
  // Forgotten by a purge: it is closed, and nobody can say whose it was.
  if (found.user_id === null) return null;
  if (isRounded) return `the spreadsheet has rounded the user id of break ${breakNo}`;
  if (userId !== found.user_id) return `the user id is not that of break ${breakNo}`;
  return par === found.par ? null : `the PAR is not that of break ${breakNo}`;
}

/** Where the columns stand that a noted row needs; the others may be gone. */
type Place = Readonly<
  Record<Extract<(typeof breakColumns)[number], 'break' | 'user_id' | 'par' | 'note'>, number>
>;

async function readNotedRows(path: string): Promise<{ noted: NotedRow[]; leftOut: number }> {
  const { table } = await openTable(
    { kind: 'file', path, sheet: null },
    { encoding: 'auto', header: 'auto', columns: { userId: null, par: null } },
  );
  const noted: NotedRow[] = [];
  let place: Place | null = null;
  let leftOut = 0;
  for await (const records of table.records({ onBytes: () => undefined })) {
    for (const record of records) {
      if (place === null) place = placeOf(record);
      else {
        const row = rowOf(record, place);
        if (row.note === '') leftOut += row.breakNo === '' ? 0 : 1;
        else noted.push(row);
      }
    }
  }
  if (place !== null) return { noted, leftOut };
  throw new BreakListUnreadableError(
    `${basename(path)} is no list of breaks: it has no header with the columns break, user_id, par and note; hand back a breaks.csv or breaks.xlsx that reconcile wrote`,
  );
}

/** Null: the record is not the header, but a title above it. */
function placeOf({ cells }: ListRecord): Place | null {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const place: Place = {
    break: names.indexOf('break'),
    user_id: names.indexOf('user_id'),
    par: names.indexOf('par'),
    note: names.indexOf('note'),
  };
  return Object.values(place).every((index) => index >= 0) ? place : null;
}

function rowOf({ line, cells, marks = [] }: ListRecord, place: Place): NotedRow {
  const cell = (index: number): string => unguardFormula(cells[index] ?? '').trim();
  return {
    line,
    breakNo: cell(place.break),
    userId: cell(place.user_id),
    par: cell(place.par),
    note: tidyNote(cell(place.note)),
    isRounded: marks.some(({ index, kind }) => index === place.user_id && kind === 'long_number'),
  };
}
