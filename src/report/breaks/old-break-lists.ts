import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatStamp } from '../../domain/identity/run-id.ts';
import { namesIn } from '../folder/folder-files.ts';
import { writingFolder } from '../folder/report-folder-error.ts';
import { BREAKS_DIRECTORY } from './break-lists.ts';

const FOLDER_NAME = /^(?<stamp>\d{8}T\d{6}Z)-[a-z0-9-]+-[0-9a-f]{4}$/;

/**
 * Finds folders with lists of breaks written before that moment, by name; none where the directory does not exist.
 */
export async function findOldBreakLists(reportsDirectory: string, before: Date): Promise<string[]> {
  const stamp = formatStamp(before);
  const names = (await namesIn(join(reportsDirectory, BREAKS_DIRECTORY))) ?? [];
  return names.filter((name) => (FOLDER_NAME.exec(name)?.groups?.['stamp'] ?? stamp) < stamp);
}

/** Deletes the lists, which hold whole ids, including those that a person has filled in. */
export async function deleteBreakLists(reportsDirectory: string, names: readonly string[]): Promise<void> {
  const directory = join(reportsDirectory, BREAKS_DIRECTORY);
  await writingFolder(directory, async () => {
    for (const name of names) await rm(join(directory, name), { recursive: true, force: true });
  });
}
