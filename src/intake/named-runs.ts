import { splitHandedBackHeader } from '../domain/result-columns.ts';
import type { EncodingChoice } from './csv/encoding-choice.ts';
import type { TextEncoding } from './csv/text-decoding.ts';
import { HEADER_LINES } from './header/list-header.ts';
import { ListNotFoundError, ListRefusedError } from './list-errors.ts';
import type { ListRecord, ListTable } from './list-table.ts';
import { openTable, type FileLocation, type OpenTable } from './open-table.ts';

/** More runs than this are named in no list that a person put together. */
const MOST_RUNS = 1_000;

/** What a file says of itself before anybody knows which columns hold its ids. */
export interface NamedRuns {
  /** The ids in its column `run`, each once, as they stand there. Empty: an older version's list, or no row names one. */
  readonly runs: readonly string[];
  /** Position of that column; null: an older version wrote the file. */
  readonly runColumn: number | null;
  /** How the encoding was found; null for a workbook. */
  readonly verdict: EncodingChoice | null;
}

/**
 * Recognises one of our own result files by our columns at the end of its header, and reads which runs its rows come
 * from; null for any other file. A file that can't be opened is null too, since whoever reads it as a list says
 * better what is wrong. Rejects with ListRefusedError where one of ours breaks off or can't be read to its end.
 */
export async function readNamedRuns(
  location: FileLocation,
  encoding: TextEncoding | 'auto',
): Promise<NamedRuns | null> {
  const open = await openQuietly(location, encoding);
  if (open === null) return null;
  const runs = new Set<string>();
  let columns: RunColumns | null = null;
  try {
    for await (const record of recordsOf(open.table)) {
      if (columns === null) {
        columns = runColumnsOf(record);
        if (columns === null && record.line > HEADER_LINES) return null;
        continue;
      }
      if (columns.run === null || runs.size > MOST_RUNS) break;
      const run = record.cells[columns.run]?.trim() ?? '';
      // Two of ours that were joined have our header in their middle.
      const isHeader = run.endsWith('run') && runColumnsOf(record) !== null;
      if (run !== '' && !isHeader) runs.add(run);
    }
  } catch (error) {
    if (columns === null && isOfTheFile(error)) return null;
    throw error;
  }
  return columns === null ? null : { runs: [...runs], runColumn: columns.run, verdict: open.verdict };
}

interface RunColumns {
  /** Null: an older version wrote the file. */
  readonly run: number | null;
}

function runColumnsOf({ cells }: ListRecord): RunColumns | null {
  const { handedBack, runColumn } = splitHandedBackHeader(cells);
  return handedBack ? { run: runColumn } : null;
}

async function openQuietly(
  location: FileLocation,
  encoding: TextEncoding | 'auto',
): Promise<OpenTable | null> {
  try {
    return await openTable(location, { encoding, header: 'auto', columns: { userId: null, par: null } });
  } catch (error) {
    if (isOfTheFile(error)) return null;
    throw error;
  }
}

function isOfTheFile(error: unknown): boolean {
  return error instanceof ListRefusedError || error instanceof ListNotFoundError;
}

async function* recordsOf(table: ListTable): AsyncGenerator<ListRecord> {
  const sets = table.records({ onBytes: () => undefined });
  try {
    for (let next = await sets.next(); next.done !== true; next = await sets.next()) yield* next.value;
  } finally {
    await sets.return({ records: 0, blankLines: 0 });
  }
}
