import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { namesIn } from './folder-files.ts';
import { MANIFEST, syncFolder } from './folder-preparation.ts';
import { isUnfinishedName, replaceFile } from './unfinished-file.ts';
import { writingFolder } from './report-folder-error.ts';

/** Files without whole ids, which stay. */
const KEPT = new Set([MANIFEST, 'summary.json', 'report.html']);

const LIST_FILE = /\.(?:csv|xlsx)$/i;

export interface FolderToPurge {
  /** Names of lists with whole ids, including leftovers of a killed process. */
  readonly lists: readonly string[];
  /** Names of files that the program does not know; they stay. */
  readonly others: readonly string[];
}

/** Returns what a run folder holds; null where there is none. */
export async function inspectFolder(folder: string): Promise<FolderToPurge | null> {
  const names = await namesIn(folder);
  if (names === null) return null;
  const isList = (name: string): boolean => LIST_FILE.test(name) || isUnfinishedName(name);
  return {
    lists: names.filter(isList),
    others: names.filter((name) => !isList(name) && !KEPT.has(name)),
  };
}

/** Keeps the hashes of a manifest that a purge is about to change: of the present one and of its successor. */
export type KeepPurged = (before: string, after: string) => Promise<void>;

/**
 * Deletes the lists of a run folder, whether the program wrote them or a person put them there. Before that, the
 * manifest records when they were deleted; it keeps their hashes. Returns the number of deleted files.
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

/** Returns the manifest's text before and after; null where there is none of ours. */
async function markPurged(
  folder: string,
  gone: ReadonlySet<string>,
  at: Date,
): Promise<{ readonly before: string; readonly after: string } | null> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: unknown) => {
    // The folder was never finished, or somebody removed its manifest.
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

/** Finds log files of days before that moment's day, by name; none where there is no folder. */
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
