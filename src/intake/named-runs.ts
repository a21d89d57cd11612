import { splitHandedBackHeader } from '../domain/result-columns.ts';
import type { EncodingChoice } from './csv/encoding-choice.ts';
import type { TextEncoding } from './csv/text-decoding.ts';
import { HEADER_LINES } from './header/list-header.ts';
import { ListNotFoundError, ListRefusedError } from './list-errors.ts';
import type { ListRecord, ListTable } from './list-table.ts';
import { openTable, type FileLocation, type OpenTable } from './open-table.ts';

/** No list that people put together has rows of more runs than this. */
const MOST_RUNS = 1_000;

/** What one of our own result files says about itself before its id columns are known. */
export interface NamedRuns {
  /**
   * The distinct ids in its column `run`, as they are written. Empty where an older version wrote the list or no row
   * names a run.
   */
  readonly runs: readonly string[];
  /** Position of the column `run`; null where an older version wrote the file. */
  readonly runColumn: number | null;
  /** How the encoding was found; null for a workbook. */
  readonly verdict: EncodingChoice | null;
}

/**
 * Recognises one of our own result files by our columns at the end of its header, and reads which runs its rows come
 * from. Returns null for any other file, and for one that can't be opened, because reading it as a list explains that
 * better. Rejects with ListRefusedError where one of our files is cut off or unreadable further on.
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
      // Two of our files joined into one have our header in the middle.
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
  /** Position of the column `run`; null where an older version wrote the file. */
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
