import { chmod, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinishedName } from './unfinished-file.ts';

export const MANIFEST = 'manifest.json';

/**
 * Makes the folder, or takes the one of an earlier writing: as it is, so that a writing that fails leaves it whole, but
 * without the dot-files of a process that was killed.
 */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const left = (await readdir(folder)).filter(isUnfinishedName);
  for (const name of left) await rm(join(folder, name), { force: true });
  await syncFolder(folder);
}

/**
 * Before the first of the new files takes its name: without its manifest nobody takes the folder for finished. `gone`:
 * files of an earlier end of the run that the new writing does not have.
 */
export async function withdrawFolder(folder: string, gone: readonly string[]): Promise<void> {
  await rm(join(folder, MANIFEST), { force: true });
  await syncFolder(folder);
  for (const name of gone) await rm(join(folder, name), { force: true });
}

/** A rename is on disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
