import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { namesIn } from './folder-files.ts';
import { MANIFEST, syncFolder } from './folder-preparation.ts';
import { isUnfinishedName, replaceFile } from './unfinished-file.ts';
import { writingFolder } from './report-folder-error.ts';

/** Hold no whole id. */
const KEPT = new Set([MANIFEST, 'summary.json', 'report.html']);

const LIST_FILE = /\.(?:csv|xlsx)$/i;

export interface FolderToPurge {
  /** Lists with whole ids, and what a killed process left of them. By name. */
  readonly lists: readonly string[];
  /** Whose they are the program can't tell: they are left. */
  readonly others: readonly string[];
}

/** What a run folder holds; null where there is none. */
export async function inspectFolder(folder: string): Promise<FolderToPurge | null> {
  const names = await namesIn(folder);
  if (names === null) return null;
  const isList = (name: string): boolean => LIST_FILE.test(name) || isUnfinishedName(name);
  return {
    lists: names.filter(isList),
    others: names.filter((name) => !isList(name) && !KEPT.has(name)),
  };
}

/** Keeps the hashes of a manifest that a purge is about to change: of the one that is there and of its successor. */
export type KeepPurged = (before: string, after: string) => Promise<void>;

/**
 * Deletes the lists of a run folder, whether the program wrote them or a person put them there. The manifest keeps
 * their hashes and says since when they are gone, before they are. Returns how many files it deleted.
 */
export async function purgeFolder(folder: string, at: Date, keep: KeepPurged): Promise<number> {
  const found = await inspectFolder(folder);
  if (found === null || found.lists.length === 0) return 0;
  const marked = await writingFolder(folder, async () => await markPurged(folder, new Set(found.lists), at));
  if (marked !== null) await keep(hashOf(marked.before), hashOf(marked.after));
  await writingFolder(folder, async () => {
    if (marked !== null) await replaceManifest(folder, marked.after);
    for (const name of found.lists) await rm(join(folder, name), { force: true });
    await syncFolder(folder);
  });
  return found.lists.length;
}

const manifestSchema = z.looseObject({ files: z.array(z.looseObject({ name: z.string() })) });

/** The manifest's text as it is and as it is to be; null where there is none of ours. */
async function markPurged(
  folder: string,
  gone: ReadonlySet<string>,
  at: Date,
): Promise<{ readonly before: string; readonly after: string } | null> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: unknown) => {
    // A folder that was never finished, or that somebody took the manifest out of.
    if (isMissing(error)) return null;
    throw error;
  });
  const manifest = text === null ? null : manifestSchema.safeParse(jsonOf(text)).data;
  if (text === null || manifest === null || manifest === undefined) return null;
  const files = manifest.files.map((file) =>
    gone.has(file.name) && file['purgedAt'] === undefined ? { ...file, purgedAt: at.toISOString() } : file,
  );
  return { before: text, after: `${JSON.stringify({ ...manifest, files }, null, 2)}\n` };
}

async function replaceManifest(folder: string, text: string): Promise<void> {
  await replaceFile(folder, MANIFEST, text);
  await syncFolder(folder);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const LOG_FILE = /^(?<day>\d{4}-\d{2}-\d{2})\.log$/;

/** Log files of days before that moment's. By name; none where there is no folder. */
export async function findOldLogs(reportsDirectory: string, before: Date): Promise<string[]> {
  const day = before.toISOString().slice(0, 10);
  const names = (await namesIn(join(reportsDirectory, 'logs'))) ?? [];
  return names.filter((name) => (LOG_FILE.exec(name)?.groups?.['day'] ?? day) < day);
}

export async function deleteLogs(reportsDirectory: string, names: readonly string[]): Promise<void> {
  const folder = join(reportsDirectory, 'logs');
  await writingFolder(folder, async () => {
    for (const name of names) await rm(join(folder, name), { force: true });
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
