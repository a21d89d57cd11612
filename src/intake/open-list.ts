import { createHash, type Hash } from 'node:crypto';
import { weightOf, type ListRow } from '../domain/list-row.ts';
import { refuseHeader, searchHeader } from './header/header-search.ts';
import { ListRefusedError } from './list-errors.ts';
import type { ListCounts, OpenedList } from './opened-list.ts';
import type { ListFormat } from './list-format.ts';
import { openTable, type ListLocation, type OpenTable, type TableOptions } from './open-table.ts';
import { RecordSorter } from './record-sorter.ts';
import type { FrequentMembers } from './rows/frequent-members.ts';

/** Measured with 500, 1,000 and 2,000: staging was a third faster than with 500, and 2,000 gave little more. */
const DEFAULT_SET_SIZE = 1_000;
/** Limits a set of wide rows: a thousand rows of 1 MiB are too much for memory, and for one statement. */
const SET_CHARACTERS = 2 * 1024 * 1024;

export interface ListOptions extends TableOptions {
  /** Rows a set, at least 1; 1,000 when left out. */
  readonly setSize?: number;
  /** Accepts long ids that end in zeros, which otherwise suggest a spreadsheet; false when left out. */
  readonly idsMayEndInZeros?: boolean;
  /** Accepts a file that ends inside an id without a line end; false when left out. */
  readonly mayEndWithoutLineEnd?: boolean;
  /** `--yes`: a person has checked a list that looks damaged; false when left out. */
  readonly saidYes?: boolean;
}

interface Reading {
  readonly header: readonly string[];
  readonly counts: ListCounts;
  readonly frequentMembers: FrequentMembers;
  readonly sha256: string;
}

/**
 * Reads a list's header and decides how its rows will be read. Nothing stays open: `rows` opens the source again, so
 * a list that is never read needs no closing. Throws ListNotFoundError, ListRefusedError, SourceQueryError or
 * SourceUnavailableError.
 */
export async function openList(location: ListLocation, options: ListOptions): Promise<OpenedList> {
  const open = await openTable(location, options);
  const format = {
    format: open.table.format,
    encoding: open.encoding,
    verdict: open.verdict,
    delimiter: open.delimiter,
    sheets: open.table.sheets,
  };
  const header = await notingFormat(format, async () => {
    const found = await searchHeader(open.table, options);
    if (found.kind === 'fault') throw refuseHeader(open.table, found);
    return found;
  });
  const setSize = options.setSize ?? DEFAULT_SET_SIZE;
  let reading: Reading | null = null;

  return {
    name: open.table.name,
    get header() {
      return reading?.header ?? header.own;
    },
    headerLine: header.line,
    ...format,
    columns: { userId: header.userId, par: header.par },
    handedBack: header.handedBack,
    rows: async function* (signal) {
      reading = null;
      const sorter = new RecordSorter({
        table: open.table,
        delimiter: open.delimiter,
        header,
        columns: options.columns,
        idsMayEndInZeros: options.idsMayEndInZeros ?? false,
        mayEndWithoutLineEnd: options.mayEndWithoutLineEnd ?? false,
        saidYes: options.saidYes ?? false,
      });
      try {
        reading = yield* readRows(open, sorter, setSize, signal);
      } catch (error) {
        noteFormat(error, format);
        throw error;
      }
    },
    counts: () => ended(reading).counts,
    frequentMembers: () => ended(reading).frequentMembers,
    sha256: () => ended(reading).sha256,
  };
}

async function notingFormat<T>(format: ListFormat, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    noteFormat(error, format);
    throw error;
  }
}

/** Lets a refusal say how the list was read, because a wrong encoding or delimiter explains many of them. */
function noteFormat(error: unknown, format: ListFormat): void {
  if (error instanceof ListRefusedError) error.format ??= format;
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
        const frequentMembers = sorter.frequentMembers();
        return { header: sorter.ownHeader, counts, frequentMembers, sha256: hash.digest('hex') };
      }
      for (const record of value) {
        const first = set.length;
        sorter.take(record, set);
        // A list that will be refused hands out no more rows.
        if (sorter.isDamaged) set.length = 0;
        for (let at = first; at < set.length; at += 1) characters += weightOf(set[at]?.cells ?? []);
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

/**
 * Returns the totals of a finished reading. Asking before the end is a programming error: the totals would be wrong.
 */
function ended(reading: Reading | null): Reading {
  if (reading !== null) return reading;
  throw Object.assign(new Error('The list was not read to its end yet.'), { code: 'LIST_NOT_READ' });
}
