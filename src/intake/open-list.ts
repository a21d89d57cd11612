import { createHash, type Hash } from 'node:crypto';
import type { ListRow } from '../domain/list-row.ts';
import { DamageWatch } from './rows/damage-watch.ts';
import type { FoundHeader } from './header/list-header.ts';
import { refuseHeader, searchHeader } from './header/header-search.ts';
import { ListCounter } from './list-counter.ts';
import { refuseChangedFile } from './list-errors.ts';
import type { ListRecord, TableTotals } from './list-table.ts';
import type { ListCounts, OpenedList } from './opened-list.ts';
import { openTable, type ListLocation, type OpenTable, type TableOptions } from './open-table.ts';
import { readRow } from './rows/read-row.ts';
import { TotalsCheck } from './totals-check.ts';

/** Of 500, 1,000 and 2,000, what staging gained most from: a third over 500, and 2,000 gave little more. */
const DEFAULT_SET_SIZE = 1_000;
/** Wide rows make smaller sets: a thousand of 1 MiB are more than memory, or one statement, should hold. */
const SET_CHARACTERS = 4 * 1024 * 1024;

export interface ListOptions extends TableOptions {
  /** Rows a set, at least 1; 1,000 when left out. */
  readonly setSize?: number;
  /** Long ids that end in zeros are no sign of a spreadsheet; false when left out. */
  readonly idsMayEndInZeros?: boolean;
}

interface Reading {
  readonly counts: ListCounts;
  readonly sha256: string;
}

/**
 * Reads a list's header and says how its rows will be read. Nothing stays open: `rows` opens the source again, so an
 * opened list that is never read needs no closing. Throws ListNotFoundError, ListRefusedError, SourceQueryError or
 * SourceUnavailableError.
 */
export async function openList(location: ListLocation, options: ListOptions): Promise<OpenedList> {
  const open = await openTable(location, options);
  const header = await searchHeader(open.table, options);
  if (header.kind === 'fault') throw refuseHeader(open.table, header);
  const setSize = options.setSize ?? DEFAULT_SET_SIZE;
  let reading: Reading | null = null;

  return {
    name: open.table.name,
    header: header.own,
    headerLine: header.line,
    format: open.table.format,
    encoding: open.encoding,
    verdict: open.verdict,
    delimiter: open.delimiter,
    sheets: open.table.sheets,
    columns: { userId: header.userId, par: header.par },
    handedBack: header.handedBack,
    rows: async function* (signal) {
      reading = null;
      const sorter = new RecordSorter(open.table, header, options.idsMayEndInZeros ?? false);
      reading = yield* readRows(open, sorter, setSize, signal);
    },
    counts: () => ended(reading).counts,
    sha256: () => ended(reading).sha256,
  };
}

async function* readRows(
  { table }: OpenTable,
  sorter: RecordSorter,
  setSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ListRow[], Reading> {
  const hash: Hash = createHash('sha256');
  const records = table.records({ onBytes: (chunk) => hash.update(chunk), signal });
  let set: ListRow[] = [];
  let characters = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { value, done } = await records.next();
      if (done === true) {
        const counts = sorter.finish(value);
        if (set.length > 0) yield set;
        return { counts, sha256: hash.digest('hex') };
      }
      for (const record of value) {
        const row = sorter.take(record);
        // Of a list that will be refused no more rows are handed out.
        if (row === null || sorter.isDamaged) continue;
        set.push(row);
        characters += lengthOf(row.cells);
        if (set.length < setSize && characters < SET_CHARACTERS) continue;
        yield set;
        signal?.throwIfAborted();
        set = [];
        characters = 0;
      }
    }
  } finally {
    await records.return({ records: 0, blankLines: 0 });
  }
}

/** An empty cell takes room too, in memory and in a statement. */
const CELL_CHARACTERS = 8;

function lengthOf(cells: readonly string[]): number {
  let length = cells.length * CELL_CHARACTERS;
  for (const cell of cells) length += cell.length;
  return length;
}

/** Tells titles, header, rows and totals lines apart, and counts each. */
class RecordSorter {
  readonly #table: OpenTable['table'];
  readonly #header: FoundHeader;
  readonly #damage: DamageWatch;
  readonly #totals: TotalsCheck;
  readonly #counter = new ListCounter();
  #rows = 0;
  #titles = 0;
  #isHeaderSeen: boolean;

  constructor(table: OpenTable['table'], header: FoundHeader, mayEndInZeros: boolean) {
    this.#table = table;
    this.#header = header;
    const layout = { header: header.own, columns: header };
    this.#damage = new DamageWatch(table, layout, mayEndInZeros);
    this.#totals = new TotalsCheck(table.name, layout);
    this.#isHeaderSeen = header.line === null;
  }

  get isDamaged(): boolean {
    return this.#damage.hasFound;
  }

  /** The record's row; null where it is none. */
  take(record: ListRecord): ListRow | null {
    if (!this.#isHeaderSeen) {
      this.#takeTitleOrHeader(record);
      return null;
    }
    const row = readRow(record, this.#rows + 1, this.#header);
    if (row.content.kind === 'rejected' && this.#totals.take(record, row.cells, this.#rows)) return null;
    this.#rows += 1;
    this.#damage.look(record, row.ids);
    this.#counter.count(row, record.marks ?? [], this.#header);
    return { rowNo: row.rowNo, line: row.line, cells: row.cells, content: row.content };
  }

  /** The parser's own count of records is what the rows are compared with later. */
  finish({ records, blankLines }: TableTotals): ListCounts {
    if (!this.#isHeaderSeen) throw refuseChangedFile(this.#table.name);
    const zeroEnded = this.#damage.finish();
    this.#totals.finish();
    const headers = this.#header.line === null ? 0 : 1;
    const totalsLines = this.#totals.lines;
    return {
      rowsRead: records - headers - this.#titles - totalsLines,
      blankLines,
      titleLines: this.#titles,
      totalsLines,
      totals: this.#totals.totals,
      zeroEnded,
      ...this.#counter.counts(),
    };
  }

  #takeTitleOrHeader(record: ListRecord): void {
    const { line, cells } = this.#header;
    if (line !== null && record.line < line) {
      this.#titles += 1;
      return;
    }
    const isSame = record.cells.length === cells.length && record.cells.every((cell, i) => cell === cells[i]);
    if (record.line !== line || !isSame) throw refuseChangedFile(this.#table.name);
    this.#isHeaderSeen = true;
  }
}

/** Totals of a list that was not read to its end would be wrong totals: asking for them is our own mistake. */
function ended(reading: Reading | null): Reading {
  if (reading !== null) return reading;
  throw Object.assign(new Error('The list was not read to its end yet.'), { code: 'LIST_NOT_READ' });
}
