import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { unguardFormula } from '../../domain/formula-guard.ts';
import { namedResultColumns } from '../../domain/result-columns.ts';
import { CsvReader } from '../../intake/csv/csv-reader.ts';
import type { RowSource } from '../../ledger/ledger-port.ts';
import { readRowExtent, type ReportedRow } from '../../ledger/runs/reported-rows.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import type { NoteOptions } from '../result-note.ts';
import { BOM, formatHeader } from './csv-text.ts';
import { layOutResults, type ResultLayout } from './result-layout.ts';
import { fillUp, formatResultLines } from './result-lines.ts';
import { readRowPages } from './row-pages.ts';

interface ComparedResults {
  readonly ledger: RowSource;
  readonly run: RunRow;
  readonly notes: NoteOptions;
}

/**
 * Checks whether a results.csv holds the ledger's rows of the run. Returns null where it does, else one clause that
 * names the first differing line and column without their values. A file with exactly the bytes that would be written
 * now is accepted at once. Another version of the program may have written other notes or columns, so any other file
 * is read, and only the values that the ledger holds are compared.
 */
export async function compareResults(path: string, compared: ComparedResults): Promise<string | null> {
  const { ledger, run } = compared;
  const { lastRowNo, mostCells } = await readRowExtent(ledger, run.run_no);
  const layout = layOutResults(run.header, mostCells, run.id);
  const pages = (): AsyncGenerator<readonly ReportedRow[]> => readRowPages(ledger, run.run_no, lastRowNo);
  if (await hasBytesOf(path, linesOf(pages(), layout, compared.notes))) return null;
  return await findDifference(path, pages(), layout);
}

async function* linesOf(
  pages: AsyncIterable<readonly ReportedRow[]>,
  layout: ResultLayout,
  notes: NoteOptions,
): AsyncGenerator<string> {
  yield BOM + formatHeader(layout.header);
  for await (const page of pages) yield formatResultLines(page, layout, notes).join('');
}

async function hasBytesOf(path: string, texts: AsyncIterable<string>): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    for await (const text of texts) {
      const expected = Buffer.from(text);
      if (!expected.equals(await readNext(file, expected.length))) return false;
    }
    return (await readNext(file, 1)).length === 0;
  } finally {
    await file.close();
  }
}

async function readNext(file: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let read = 0;
  while (read < size) {
    const { bytesRead } = await file.read(buffer, read, size - read, null);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

/** Returns the ledger's value of a row for a column; undefined where our words for it are not compared. */
type HeldValue = (row: ReportedRow) => string | number | null | undefined;

/** Columns with values from the ledger; the others are words made from these, which may change between versions. */
const toldColumns: Readonly<Record<string, HeldValue>> = {
  line: (row) => row.line,
  class: (row) => row.class,
  code: (row) => row.code,
  message: (row) => (row.rejection === null ? row.message : undefined),
  attempts: (row) => row.attempts,
  http_status: (row) => row.http_status,
  correlation_id: (row) => row.correlation_id,
  first_attempt_at: (row) => row.first_attempt_at,
  last_attempt_at: (row) => row.last_attempt_at,
};

async function findDifference(
  path: string,
  pages: AsyncIterable<readonly ReportedRow[]>,
  layout: ResultLayout,
): Promise<string | null> {
  const records = readRecords(path);
  try {
    const first = await records.next();
    const header = first.done === true ? [] : first.value;
    const named = layout.header.slice(0, layout.originalCount);
    const other = named.findIndex((name, index) => unguardFormula(header[index] ?? '') !== name);
    if (other >= 0) return `the header differs in column ${other + 1} of the list`;
    const places = findPlaces(header, layout);
    if (places === null) return 'its columns are not those of the list and ours';
    for await (const page of pages) {
      for (const row of page) {
        const record = await records.next();
        if (record.done === true) return `the row on line ${row.line} is missing`;
        const column = findDifferingColumn(record.value, row, { layout, places });
        if (column !== null) return `the row on line ${row.line} differs in ${column}`;
      }
    }
    return (await records.next()).done === true ? null : 'it has more rows than the ledger';
  } finally {
    await records.return(undefined);
  }
}

/** Yields the cells of each record, up to the end of the file or the place where it is no CSV any more. */
async function* readRecords(path: string): AsyncGenerator<readonly string[], undefined> {
  const reader = new CsvReader(',', 1);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      const fault = await reader.write(chunk);
      for (const { cells } of reader.take()) yield cells;
      if (fault !== null) return undefined;
    }
    await reader.end();
    for (const { cells } of reader.take()) yield cells;
    return undefined;
  } finally {
    reader.close();
  }
}

type Places = ReadonlyMap<number, HeldValue>;

/**
 * Finds the places of our columns; null where one is missing. They stand to the right of the list's own, in any
 * order.
 */
function findPlaces(header: readonly string[], { header: own, originalCount }: ResultLayout): Places | null {
  const places = new Map<number, HeldValue>();
  const names = namedResultColumns(own.slice(0, originalCount));
  for (const [column, value] of Object.entries(toldColumns)) {
    const name = names.find((one) => one.replace(/^(?:kona_)+/, '') === column) ?? column;
    const place = header.findIndex((cell, index) => index >= originalCount && unguardFormula(cell) === name);
    if (place < 0) return null;
    places.set(place, value);
  }
  return places;
}

function findDifferingColumn(
  record: readonly string[],
  row: ReportedRow,
  { layout, places }: { readonly layout: ResultLayout; readonly places: Places },
): string | null {
  const cells = fillUp(row.cells, layout.originalCount);
  const differing = cells.findIndex((cell, index) => unguardFormula(record[index] ?? '') !== cell);
  if (differing >= 0) return `column ${differing + 1} of the list`;
  for (const [place, value] of places) {
    const held = value(row);
    if (held !== undefined && unguardFormula(record[place] ?? '') !== String(held ?? ''))
      return layout.header[place] ?? 'a column';
  }
  return null;
}
