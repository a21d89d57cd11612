import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListRow } from '../../src/domain/list-row.ts';
import { openCsvList } from '../../src/intake/csv-source.ts';
import { ListRefusedError, type OpenedList } from '../../src/intake/list-source.ts';

export const PAR = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0';
export const byName = { columns: { userId: null, par: null } } as const;

/** A temporary folder for lists; `await using` takes it away again. */
export async function makeListFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'kona-intake-'));
  return {
    folder,
    async write(content: string | Uint8Array, name = 'list.csv'): Promise<string> {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function collectRows(list: OpenedList): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for await (const set of list.rows()) rows.push(...set);
  return rows;
}

export async function readList(path: string): Promise<{ list: OpenedList; rows: ListRow[] }> {
  const list = await openCsvList(path, byName);
  return { list, rows: await collectRows(list) };
}

/** The refusal that reading the list to its end meets; null when it is read well. */
export async function refusalOf(path: string): Promise<ListRefusedError | null> {
  try {
    await readList(path);
    return null;
  } catch (error) {
    if (error instanceof ListRefusedError) return error;
    throw error;
  }
}
