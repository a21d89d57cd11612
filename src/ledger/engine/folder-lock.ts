import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** The process that has the folder, and how far it is. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
  /** When the holder wrote this; it does about every second. */
  readonly beatAt: string;
  readonly progress: unknown;
}

export interface FolderLock {
  /**
   * Tells others what the holder does; they can read it without opening the ledger. Throws where it can't be written.
   */
  publish(holder: Holder): void;
  release(): void;
}

export const LOCK_FILE = 'lock';
const HOLDER_FILE = 'holder.json';

/**
 * Takes the lock of an embedded ledger. It is the operating system's lock on a file, taken through SQLite, and lasts
 * exactly as long as the process. A pid on disk would prove nothing, because pids are used again. Null where another
 * process has the lock, even a stopped one.
 */
export async function takeFolderLock(folder: string): Promise<FolderLock | null> {
  const { DatabaseSync } = await import('node:sqlite');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 });
  if (!tryExclusive(database)) {
    database.close();
    return null;
  }
  // SQLite makes its file for everybody to read.
  chmodSync(join(folder, LOCK_FILE), 0o600);
  const holderFile = join(folder, HOLDER_FILE);
  // A dead holder's: whoever is refused from here on must not be told to stop that one.
  forgetHolder(holderFile);
  return {
    publish: (holder) => {
      writeFileSync(`${holderFile}.new`, JSON.stringify(holder), { mode: 0o600 });
      renameSync(`${holderFile}.new`, holderFile);
    },
    release: () => {
      forgetHolder(holderFile);
      database.close();
    },
  };
}

/**
 * What can't be removed was not put there by us, or is as unwritable as the folder; the lock itself does not need it.
 */
function forgetHolder(holderFile: string): void {
  try {
    rmSync(holderFile, { force: true });
  } catch {
    // If this fails, `status` shows less.
  }
}

function tryExclusive(database: DatabaseSync): boolean {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (error) {
    const SQLITE_BUSY = 5;
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}

/** Reads what the holder last wrote about itself; null where it has not written anything yet. */
export function readHolder(folder: string): Holder | null {
  try {
    return JSON.parse(readFileSync(join(folder, HOLDER_FILE), 'utf8')) as Holder;
  } catch {
    return null;
  }
}
