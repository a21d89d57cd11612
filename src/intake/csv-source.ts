import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { unguardFormula } from '../domain/formula-guard.ts';
import type { ListRow } from '../domain/list-row.ts';
import { splitHandedBackHeader } from '../domain/result-columns.ts';
import type { CsvRecord } from './csv-reader.ts';
import { type CsvFile, type CsvStart, findCsvStart, readCsvRecords } from './csv-records.ts';
import { findColumns, type WantedColumns } from './list-columns.ts';
import { assertListFile, readListFile } from './list-file.ts';
import { type ListCounts, ListRefusedError, type OpenedList } from './list-source.ts';
import { checkRow, type RowLayout } from './row-content.ts';

/** A good compromise of the ledger's sets: PERFORMANCE.md measures 500 to 1,000. */
const DEFAULT_SET_SIZE = 500;

export interface CsvListOptions {
  readonly columns: WantedColumns;
  /** Rows a set, at least 1; 500 when left out. */
  readonly setSize?: number;
}

interface CsvLayout extends RowLayout {
  /** Header cells as they stand in the file. */
  readonly fileHeader: readonly string[];
  readonly handedBack: boolean;
}

interface Reading {
  readonly counts: ListCounts;
  readonly sha256: string;
}

/**
 * Reads a CSV list's header and says how its rows will be read. No file stays open: `rows` opens it again,
 * so an opened list that is never read needs no closing. Throws ListNotFoundError or ListRefusedError.
 */
export async function openCsvList(path: string, options: CsvListOptions): Promise<OpenedList> {
  await assertListFile(path);
  const file: CsvFile = { path, name: basename(path) };
  const start = await findCsvStart(file);
  const layout = layOut(file, await readHeader(file, start), options.columns);
  const setSize = options.setSize ?? DEFAULT_SET_SIZE;
  let reading: Reading | null = null;

  return {
    name: file.name,
    header: layout.header,
    encoding: 'utf-8',
    delimiter: start.delimiter,
    columns: layout.columns,
    handedBack: layout.handedBack,
    rows: async function* (signal) {
      reading = null;
      reading = yield* readRows(file, start, layout, setSize, signal);
    },
    counts: () => ended(reading).counts,
    sha256: () => ended(reading).sha256,
  };
}

/** SHA-256 and size of a file's bytes, read in a stream; what decides which run a list continues. */
export async function sha256OfFile(path: string): Promise<{ sha256: string; bytes: number }> {
  await assertListFile(path);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of readListFile(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function readHeader(file: CsvFile, start: CsvStart): Promise<CsvRecord> {
  for await (const records of readCsvRecords(file, start, () => undefined)) {
    const [header] = records;
    if (header !== undefined) return header;
  }
  return { line: start.blankLines + 1, cells: [] };
}

function layOut(file: CsvFile, header: CsvRecord, wanted: WantedColumns): CsvLayout {
  const { original, handedBack } = splitHandedBackHeader(header.cells);
  const own = handedBack ? original.map(unguardFormula) : original;
  const columns = findColumns(own, wanted);
  if (columns.kind === 'fault') {
    throw new ListRefusedError({ ...columns, file: file.name, line: header.line });
  }
  return {
    header: own,
    columns: { userId: columns.userId, par: columns.par },
    fileHeader: header.cells,
    handedBack,
  };
}

async function* readRows(
  file: CsvFile,
  start: CsvStart,
  layout: CsvLayout,
  setSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ListRow[], Reading> {
  const hash = createHash('sha256');
  const records = readCsvRecords(file, start, (chunk) => hash.update(chunk));
  let set: ListRow[] = [];
  let seen = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { value, done } = await records.next();
      if (done === true) {
        if (seen === 0) throw changed(file);
        if (set.length > 0) yield set;
        const counts = { rowsRead: value.records - 1, blankLines: value.blankLines };
        return { counts, sha256: hash.digest('hex') };
      }
      for (const record of value) {
        if (seen === 0 && !isSameHeader(record, layout)) throw changed(file);
        if (seen > 0) set.push(toListRow(record, seen, layout));
        seen += 1;
        if (set.length < setSize) continue;
        yield set;
        signal?.throwIfAborted();
        set = [];
      }
    }
  } finally {
    await records.return({ records: 0, blankLines: 0 });
  }
}

function isSameHeader(record: CsvRecord, layout: CsvLayout): boolean {
  const { fileHeader } = layout;
  return record.cells.length === fileHeader.length && record.cells.every((cell, i) => cell === fileHeader[i]);
}

function changed(file: CsvFile): ListRefusedError {
  return new ListRefusedError({
    reason: 'changed',
    file: file.name,
    line: null,
    column: null,
    what: 'the file was changed while it was being read',
    advice: 'start again once it is complete',
  });
}

/** A row of our own file with all its cells loses our columns; one without them is kept as it is. */
function toListRow(record: CsvRecord, rowNo: number, layout: CsvLayout): ListRow {
  const cells = layout.handedBack ? ownCells(record.cells, layout) : record.cells;
  return { rowNo, line: record.line, cells, content: checkRow(cells, layout) };
}

function ownCells(cells: readonly string[], { header, fileHeader }: CsvLayout): readonly string[] {
  const isWhole = cells.length === fileHeader.length;
  return (isWhole ? cells.slice(0, header.length) : cells).map(unguardFormula);
}

/** Totals of a list that was not read to its end would be wrong totals: asking for them is our own mistake. */
function ended(reading: Reading | null): Reading {
  if (reading !== null) return reading;
  throw Object.assign(new Error('The list was not read to its end yet.'), { code: 'LIST_NOT_READ' });
}
