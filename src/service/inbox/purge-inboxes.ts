import { rm } from 'node:fs/promises';
import { findInboxes } from '../../ledger/inbox-table.ts';
import type { PurgeEnvironment, PurgePlan } from '../../run/purge.ts';
import { findMovedFolders } from './inbox-folders.ts';

/**
 * Finds folders under `done/` and `refused/` of every inbox of this ledger that are due: lists of runs that are
 * forgotten now, and refused lists that are as old as whatever belongs to no run.
 */
export async function findOldInboxFolders(
  { ledger, olderThanMs, keepMs }: PurgeEnvironment,
  { now, runs }: PurgePlan,
): Promise<readonly string[]> {
  const forgotten = new Set(runs.map(({ id }) => id));
  const before = now.getTime() - (olderThanMs ?? keepMs);
  const old: string[] = [];
  for (const inbox of await findInboxes(ledger)) {
    for (const { path, kind, name, at } of await findMovedFolders(inbox)) {
      if (kind === 'done' ? forgotten.has(name) : at.getTime() < before) old.push(path);
    }
  }
  return old;
}

/** Deletes the folders, whose lists have whole ids as people sent them. Returns the number deleted. */
export async function forgetInboxFolders(folders: readonly string[]): Promise<number> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  return folders.length;
}
