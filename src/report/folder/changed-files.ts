import { readFile, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { KeptFolder } from '../../ledger/proofs/run-folder-table.ts';
import { MANIFEST, syncFolder } from './folder-preparation.ts';
import { hashOfFile, namesIn, ourFiles } from './folder-files.ts';
import { parseManifest } from './manifest.ts';
import { writingFolder } from './report-folder-error.ts';

/**
 * Returns the names of our files in a run folder with content that the program did not write: no kept hash of the run
 * matches it. If `kept` is empty, only versions that kept no hashes wrote the folder, and its manifest is trusted. A
 * folder with neither manifest nor kept hashes can't be told from one that somebody changed.
 */
export async function findChangedFiles(folder: string, kept: readonly KeptFolder[]): Promise<string[]> {
  const names = await namesIn(folder);
  if (names === null) return [];
  const ours = ourFiles.filter((name) => names.includes(name));
  const written = kept.length > 0 ? hashesOfKept(kept) : await hashesOfManifest(folder, names);
  const changed: string[] = [];
  for (const name of [...ours, ...(names.includes(MANIFEST) && kept.length > 0 ? [MANIFEST] : [])]) {
    const path = join(folder, name);
    // If something else has the file's name, the writing itself reports it.
    if (!(await stat(path)).isFile()) continue;
    if (written.get(name)?.has(await hashOfFile(path)) !== true) changed.push(name);
  }
  return changed;
}

type Hashes = ReadonlyMap<string, ReadonlySet<string>>;

function hashesOfKept(kept: readonly KeptFolder[]): Hashes {
  const hashes = new Map<string, Set<string>>();
  const add = (name: string, hash: string): void => {
    hashes.set(name, (hashes.get(name) ?? new Set()).add(hash));
  };
  for (const { files, manifestSha256 } of kept) {
    add(MANIFEST, manifestSha256);
    for (const [name, hash] of Object.entries(files)) add(name, hash);
  }
  return hashes;
}

async function hashesOfManifest(folder: string, names: readonly string[]): Promise<Hashes> {
  const text = names.includes(MANIFEST) ? await readFile(join(folder, MANIFEST), 'utf8').catch(() => '') : '';
  const files = parseManifest(text)?.files ?? [];
  return new Map(files.map(({ name, sha256 }) => [name, new Set([sha256])]));
}

/** The name of a folder that was moved aside is its run's id followed by this. */
const ASIDE = '.before-';

/** Moves a whole run folder aside, next to its place. Returns its new path. */
export async function setFolderAside(folder: string, at: Date): Promise<string> {
  const stamp = at.toISOString().replace(/[-:]/g, '').replace('.', '');
  const aside = `${folder}${ASIDE}${stamp}`;
  await writingFolder(folder, async () => {
    await rename(folder, aside);
    await syncFolder(dirname(folder));
  });
  return aside;
}

/** Finds a run's folders that were moved aside; returns their paths. */
export async function findFoldersAside(folder: string): Promise<string[]> {
  const names = (await namesIn(dirname(folder))) ?? [];
  return names
    .filter((name) => name.startsWith(basename(folder) + ASIDE))
    .map((name) => join(dirname(folder), name));
}

/** The folder is as it was written, but the ledger has changed since. Exit code 8; nothing was written. */
export class LedgerChangedError extends Error {
  readonly code = 'FOLDER_CHANGED';
  constructor(folder: string, differs: string) {
    super(
      `The run folder ${folder} is as it was written, and the ledger says something else by now: ${differs}. Nothing was replaced. ` +
        'Find out which of the two is right; the same command with --yes moves the whole folder aside and writes it from the ledger.',
    );
  }
}

/** Somebody has changed the folder that was to be written. Exit code 8; nothing was written. */
export class FolderChangedError extends Error {
  readonly code = 'FOLDER_CHANGED';
  constructor(folder: string, names: readonly string[]) {
    super(
      `The run folder ${folder} was changed since it was written, and nothing was replaced: ${names.join(', ')}. ` +
        'Look at what was changed; the same command with --yes moves the whole folder aside and writes it anew.',
    );
  }
}
