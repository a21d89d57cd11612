import { chmod, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinishedName } from './unfinished-file.ts';

export const MANIFEST = 'manifest.json';

/**
 * Creates the folder, or takes over an existing one. Files of an earlier writing stay, so that a failed writing
 * leaves them whole; dot-files of a killed process are removed.
 */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const left = (await readdir(folder)).filter(isUnfinishedName);
  for (const name of left) await rm(join(folder, name), { force: true });
  await syncFolder(folder);
}

/**
 * Withdraws a folder before the first new file gets its name: without a manifest, nobody takes the folder for
 * finished. `gone`: files of an earlier writing that the new one does not have.
 */
export async function withdrawFolder(folder: string, gone: readonly string[]): Promise<void> {
  await rm(join(folder, MANIFEST), { force: true });
  await syncFolder(folder);
  for (const name of gone) await rm(join(folder, name), { force: true });
}

/** Syncs the folder, because a rename is on disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
