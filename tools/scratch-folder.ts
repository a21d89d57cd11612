import { chmodSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Some ledgers of 40 MB at a time, and what a browser or an office program leaves beside them. */
const ENOUGH_BYTES = 4 * 2 ** 30;
/** No run of the suite is as long: what is older was left by one that was killed. */
const LEFT_BEHIND_MS = 6 * 60 * 60 * 1000;

/**
 * Lets the tests' temporary folders be in memory, where this machine has room: a ledger is a thousand files, which cost
 * a second of CPU to copy on a disk and a twentieth of it here. A TMPDIR that somebody has set stays.
 */
export function keepScratchInMemory(env: NodeJS.ProcessEnv): void {
  if (env['TMPDIR'] !== undefined || !hasRoom()) return;
  const folder = join(MEMORY, 'kona-enroll-tests');
  mkdirSync(folder, { recursive: true });
  // Whoever runs the suite here next, as whatever user, and a Postgres started as its own user.
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
