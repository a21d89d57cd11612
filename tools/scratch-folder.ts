import { chmodSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Room for some ledgers of 40 MB at a time, and for the files of a browser or an office program. */
const ENOUGH_BYTES = 4 * 2 ** 30;
/** No run of the suite takes this long; older folders were left by a run that was killed. */
const LEFT_BEHIND_MS = 6 * 60 * 60 * 1000;

/**
 * Puts the tests' temporary folders in memory, where this machine has room: a ledger is a thousand files, and copying
 * it costs a second of CPU on a disk and a twentieth of that here. A TMPDIR that somebody has set stays.
 */
export function keepScratchInMemory(env: NodeJS.ProcessEnv): void {
  if (env['TMPDIR'] !== undefined || !hasRoom()) return;
  const folder = join(MEMORY, 'kona-enroll-tests');
  mkdirSync(folder, { recursive: true });
  // Other users who run the suite here need access, and so does a Postgres started as its own user.
  if (statSync(folder).uid === process.getuid?.()) chmodSync(folder, 0o1777);
  removeLeftBehind(folder);
  env['TMPDIR'] = folder;
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ENOUGH_BYTES;
  } catch {
    return false;
  }
}

function removeLeftBehind(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changed > LEFT_BEHIND_MS) rmSync(path, { recursive: true, force: true });
  }
}
