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

/** Files of ours in the run's folder that somebody changed since they were written, by name. */
export async function findChanged({ ledger, run, reportsDirectory }: FolderToWrite): Promise<string[]> {
  const folder = join(reportsDirectory, run.id);
  const kept = await readKeptFolders(ledger, run.run_no, folder);
  return await writingFolder(folder, async () => await findChangedFiles(folder, kept));
}

/**
 * A run that comes to its end replaces nothing that somebody changed meanwhile, such as a list corrected in the folder of
 * its last stop: the folder is moved aside as it is. Returns the sentence that says so, or null where nothing was changed.
 */
export async function moveChangedAside(folder: FolderToWrite): Promise<string | null> {
  const changed = await findChanged(folder);
  if (changed.length === 0) return null;
  const aside = await setFolderAside(join(folder.reportsDirectory, folder.run.id), folder.clock.now());
  return `${changed.join(', ')} in the run folder had been changed by hand: the whole folder is now ${aside}`;
}
