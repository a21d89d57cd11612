import { constants } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../domain/error-words.ts';
import { doubt, fine, type Finding } from '../../domain/setup/finding.ts';
import { ENGINE_VERSION, openEmbeddedLedger } from '../engine/embedded-ledger.ts';
import { lookAtSchema } from '../engine/migrate.ts';
import { inspectAuditTrail } from './inspect-audit-trail.ts';
import { findHolder } from './inspect-folder.ts';

/** The copy lies in the ledger's own folder, so that its data goes nowhere else, even where a kill leaves it there. */
const COPY = 'doctor-';
const OLD_COPY_MS = 3_600_000;

const ABOUT = 'audit trail';

/**
 * Proves the desk's audit trail of an embedded ledger on a copy, because the engine writes to whatever it opens, and
 * another process that starts at that moment would be refused. A ledger that a process has open is not looked at.
 */
export async function inspectEmbeddedTrail(folder: string): Promise<Finding[]> {
  const version = await readFile(join(folder, 'pgdata', 'PG_VERSION'), 'utf8').catch(() => '');
  if (version.trim() !== ENGINE_VERSION) return [];
  const holder = await findHolder(folder);
  if (holder !== null) return [notLookedAt(`process ${holder} has the ledger open`)];
  try {
    await removeOldCopies(folder);
    const copy = await mkdtemp(join(folder, COPY));
    try {
      return (await isCopied(folder, copy))
        ? await proveCopy(copy)
        : [notLookedAt('another process opened the ledger meanwhile')];
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  } catch (error) {
    return [
      doubt(
        ABOUT,
        `it could not be looked at: ${messageOf(error)}`,
        '`kona-enroll access-log --trail` proves it',
      ),
    ];
  }
}

function notLookedAt(why: string): Finding {
  return fine(ABOUT, `not looked at: ${why}; a desk proves it by itself once a day`);
}

async function removeOldCopies(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((one) => one.startsWith(COPY))) {
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > OLD_COPY_MS) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Returns false where the ledger was opened while it was copied, so that the copy may be torn. */
async function isCopied(folder: string, copy: string): Promise<boolean> {
  const data = join(folder, 'pgdata');
  const control = async (): Promise<number> => (await stat(join(data, 'global', 'pg_control'))).mtimeMs;
  const before = await control();
  await cp(data, join(copy, 'pgdata'), { recursive: true, mode: constants.COPYFILE_FICLONE });
  return (await findHolder(folder)) === null && (await control()) === before;
}

async function proveCopy(copy: string): Promise<Finding[]> {
  const ledger = await openEmbeddedLedger(copy);
  try {
    const { missing } = await lookAtSchema(ledger);
    return missing.length > 0 ? [] : await inspectAuditTrail(ledger);
  } finally {
    await ledger.close();
  }
}
