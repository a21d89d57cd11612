import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { ENGINE_VERSION } from '../engine/embedded-ledger.ts';
import { LOCK_FILE } from '../engine/folder-lock.ts';

/** Where Linux lists the locks that processes hold. */
const LOCK_TABLE = '/proc/locks';
/** SQLite takes its locks on bytes from here on. */
const FIRST_LOCK_BYTE = 0x40000000;

/**
 * Inspects an embedded ledger's folder from outside. It does not start the engine or try its lock, because both
 * write, and another process that starts at the same moment would be refused. So the schema is not checked; every
 * command that opens the ledger brings it up to date.
 */
export async function inspectLedgerFolder(folder: string, lockTable = LOCK_TABLE): Promise<Finding[]> {
  const version = await readFile(join(folder, 'pgdata', 'PG_VERSION'), 'utf8').catch(() => null);
  const small = doubt(
    'ledger',
    'embedded: for trying out and for small lists; it does not survive a power cut',
    'production takes a server: DATABASE_URL=postgres://…',
  );
  if (version === null) {
    return [fine('ledger', `embedded, made by the first run in ${folder}`), small];
  }
  if (version.trim() !== ENGINE_VERSION) {
    const cure = 'open it with the program that wrote it, or name another folder';
    return [
      fault('ledger', `${folder} is of engine ${version.trim()}, this program has ${ENGINE_VERSION}`, cure),
    ];
  }
  const holder = await findHolder(folder, lockTable);
  const held = holder === null ? 'nobody has it open' : `process ${holder} has it open, which is well`;
  return [fine('ledger', `embedded in ${folder}; ${held}`), small];
}

/**
 * Returns the process that holds the folder's lock, as the system says; null: none does, or the system does not say.
 */
export async function findHolder(folder: string, lockTable = LOCK_TABLE): Promise<number | null> {
  const lock = await stat(join(folder, LOCK_FILE), { bigint: true }).catch(() => null);
  const table = await readFile(lockTable, 'utf8').catch(() => null);
  if (lock === null || table === null) return null;
  for (const line of table.split('\n')) {
    const [, pid, inode, start] =
      /POSIX +ADVISORY +WRITE +(-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) /.exec(line) ?? [];
    if (inode === String(lock.ino) && Number(start) >= FIRST_LOCK_BYTE) return Number(pid);
  }
  return null;
}
