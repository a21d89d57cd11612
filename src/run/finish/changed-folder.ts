import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readKeptFolders } from '../../ledger/proofs/run-folder-table.ts';
import { findChangedFiles, setFolderAside } from '../../report/folder/changed-files.ts';
import { writingFolder } from '../../report/folder/report-folder-error.ts';

interface FolderToWrite {
  readonly ledger: Queryable;
  readonly clock: Clock;
  readonly run: { readonly run_no: number; readonly id: string };
  readonly reportsDirectory: string;
}

/** Finds the files of ours in the run's folder that somebody has changed since they were written. */
export async function findChanged({ ledger, run, reportsDirectory }: FolderToWrite): Promise<string[]> {
  const folder = join(reportsDirectory, run.id);
  const kept = await readKeptFolders(ledger, run.run_no, folder);
  return await writingFolder(folder, async () => await findChangedFiles(folder, kept));
}

/**
 * Moves the run's folder aside where somebody changed a file in it, for example by correcting a list after the last
 * stop. So a run that ends replaces no such file. Returns the sentence that says so, or null where nothing was changed.
 */
export async function moveChangedAside(folder: FolderToWrite): Promise<string | null> {
  const changed = await findChanged(folder);
  if (changed.length === 0) return null;
  const aside = await setFolderAside(join(folder.reportsDirectory, folder.run.id), folder.clock.now());
  return `${changed.join(', ')} in the run folder had been changed by hand: the whole folder is now ${aside}`;
}
