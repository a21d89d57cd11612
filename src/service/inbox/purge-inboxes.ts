import { rm } from 'node:fs/promises';
import { findInboxes } from '../../ledger/inbox-table.ts';
import type { PurgeEnvironment, PurgePlan } from '../../run/purge.ts';
import { findMovedFolders } from './inbox-folders.ts';

/**
 * Folders under `done/` and `refused/` of every inbox of this ledger that are due: lists of runs that are forgotten now,
 * and refused ones as old as what belongs to no run.
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

/** They hold lists as people sent them, with whole ids. Returns how many are gone. */
export async function forgetInboxFolders(folders: readonly string[]): Promise<number> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  return folders.length;
}
