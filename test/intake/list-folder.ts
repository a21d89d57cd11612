import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListRow } from '../../src/domain/list-row.ts';
import { ListRefusedError } from '../../src/intake/list-errors.ts';
import { openList, type ListOptions } from '../../src/intake/open-list.ts';
import type { OpenedList } from '../../src/intake/opened-list.ts';

export const PAR = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0';
export const byName: ListOptions = {
  encoding: 'auto',
  header: 'auto',
  columns: { userId: null, par: null },
};

export async function openFile(path: string, options: Partial<ListOptions> = {}): Promise<OpenedList> {
  return await openList({ kind: 'file', path, sheet: null }, { ...byName, ...options });
}

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

export async function readList(
  path: string,
  options: Partial<ListOptions> = {},
): Promise<{ list: OpenedList; rows: ListRow[] }> {
  const list = await openFile(path, options);
  return { list, rows: await collectRows(list) };
}

/** The refusal that reading the list to its end meets; null when it is read well. */
export async function refusalOf(
  path: string,
  options: Partial<ListOptions> = {},
): Promise<ListRefusedError | null> {
  try {
    await readList(path, options);
    return null;
  } catch (error) {
    if (error instanceof ListRefusedError) return error;
    throw error;
  }
}
