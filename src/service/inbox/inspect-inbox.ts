import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { DONE, REFUSED } from './inbox-folders.ts';
import { scanInbox, type InboxFile } from './inbox-scan.ts';

export interface InspectedInbox {
  readonly findings: readonly Finding[];
  /** Files that a start would take now. */
  readonly ready: readonly InboxFile[];
}

/** In a folder with this bit only a file's owner can move it. */
const STICKY = 0o1000;

/**
 * Checks whether lists can be moved out of an inbox, judging by its rights: nothing is moved. `me`: this user's
 * number, null where the system has none. The folder must exist.
 */
export async function inspectInbox(
  folder: string,
  { clock, me }: { readonly clock: Pick<Clock, 'now'>; readonly me: number | null },
): Promise<InspectedInbox> {
  const own = await inspectRights(folder, me);
  if (own !== null) return { findings: [own], ready: [] };
  const results = await Promise.all([DONE, REFUSED].map(async (name) => await inspectPlace(folder, name)));
  const { ready, left } = await scanInbox(folder, clock);
  const lists = ready.length === 1 ? '1 list lies' : `${ready.length} lists lie`;
  return {
    findings: [
      fine('inbox', `${folder} can be read and emptied; ${lists} ready in it`),
      ...results.flatMap((found) => found ?? []),
      ...left.map((words) => doubt('inbox', words)),
    ],
    ready,
  };
}

async function inspectRights(folder: string, me: number | null): Promise<Finding | null> {
  const cure = `give this user read, write and search on ${folder}`;
  if (!(await isAllowed(folder, constants.R_OK | constants.W_OK | constants.X_OK))) {
    return fault('inbox', `lists can't be read and moved in ${folder}`, cure);
  }
  const { mode, uid } = await stat(folder);
  if ((mode & STICKY) !== 0 && me !== null && me !== 0 && me !== uid) {
    const what = `${folder} is sticky: only the person who put a list there can move it, and this user does not own the folder`;
    return fault('inbox', what, `chmod -t ${folder}, or make this user its owner`);
  }
  return null;
}

/** Checks the folders for finished lists, which the first such list creates. */
async function inspectPlace(folder: string, name: string): Promise<Finding | null> {
  const place = join(folder, name);
  const found = await stat(place).catch(() => null);
  if (found === null) return null;
  if (!found.isDirectory()) return fault('inbox', `${place} is not a folder`, 'move it away');
  if (await isAllowed(place, constants.W_OK | constants.X_OK)) return null;
  return fault('inbox', `${place} can't be written`, `give this user the right to write in ${place}`);
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}
