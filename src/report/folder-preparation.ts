import { chmod, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinishedName } from './unfinished-file.ts';

export const MANIFEST = 'manifest.json';

/**
 * Makes the folder, or takes the one of an earlier writing: without its manifest, so that nobody takes it for
 * finished, and without the dot-files of a process that was killed.
 */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await rm(join(folder, MANIFEST), { force: true });
  const left = (await readdir(folder)).filter(isUnfinishedName);
  for (const name of left) await rm(join(folder, name), { force: true });
  await syncFolder(folder);
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
