import { createHash, randomBytes } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Everything that decides what a fresh ledger looks like, down to the engine's version. */
const madeOf = [
  'migrations/*.sql',
  'src/ledger/engine/*.ts',
  'node_modules/@electric-sql/pglite/package.json',
];

let made: Promise<string> | null = null;

/**
 * Returns an embedded ledger, closed and migrated, to be copied: making one takes some seconds. It is kept between
 * runs of the suite, under a name that changes with what it is made of.
 */
export async function ledgerTemplate(): Promise<string> {
  made ??= findOrMakeTemplate();
  return await made;
}

async function findOrMakeTemplate(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of madeOf.flatMap((glob) => globSync(glob, { cwd: root })).toSorted()) {
    hash.update(path).update(readFileSync(join(root, path)));
  }
  const kept = join(root, 'node_modules/.cache/kona-enroll', `ledger-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(kept)) await makeTemplate(kept);
  return kept;
}

/** Made under another name and renamed: another worker may make the same one at this moment, and one of them is kept. */
async function makeTemplate(kept: string): Promise<void> {
  const folder = `${kept}.${randomBytes(4).toString('hex')}`;
  await mkdir(folder, { recursive: true });
  try {
    const ledger = await openLedger({ kind: 'embedded', folder });
    await ledger.close();
    await rename(folder, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Once for a project, before its first test: its workers find the template there. */
export async function setup(): Promise<void> {
  await ledgerTemplate();
}
