import { chmod, copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../domain/error-words.ts';
import { formatStamp } from '../../domain/identity/run-id.ts';
import type { Words } from '../../domain/language.ts';

/** The folders beside the lists of an inbox: for those whose run is complete, and for refused ones. */
export const DONE = 'done';
export const REFUSED = 'refused';

/** The files of a run folder that go with the list to the person who put it there. */
export const RESULT_FILES = ['report.html', 'failed.xlsx'];

/** Part of a name until the file is whole. */
const UNFINISHED = '.part';

/**
 * Moves a list into `done/<run id>/` and puts the result beside it. It may run twice: existing files stay or are
 * written again. A list that is no longer in the inbox stays where it is.
 */
export async function moveToDone(
  inbox: string,
  list: { readonly name: string; readonly isThere: boolean },
  run: { readonly id: string; readonly folder: string },
): Promise<void> {
  const place = join(inbox, DONE, run.id);
  const access = await accessOf(inbox);
  await makeFolder(join(inbox, DONE), access);
  await makeFolder(place, access);
  for (const name of RESULT_FILES) await copyWhole(join(run.folder, name), join(place, name), access);
  // A list with the name of a result file gets another name.
  const isTaken = RESULT_FILES.includes(list.name.toLowerCase());
  if (list.isThere)
    await moveFile(join(inbox, list.name), join(place, isTaken ? `list-${list.name}` : list.name));
}

/** Moves a list into a folder of its own under `refused/`, with the reason beside it. Returns that folder. */
export async function moveToRefused(
  inbox: string,
  name: string,
  { at, why }: { readonly at: Date; readonly why: Words },
): Promise<string> {
  const access = await accessOf(inbox);
  await makeFolder(join(inbox, REFUSED), access);
  const place = await makeNewFolder(join(inbox, REFUSED, formatStamp(at)), access);
  const reason = join(place, `${name}.reason.txt`);
  await writeFile(reason, `\u{FEFF}${why.ko}\r\n\r\n${why.en}\r\n`, { flag: 'wx' });
  await chmod(reason, access.file);
  await moveFile(join(inbox, name), join(place, name));
  return place;
}

/**
 * Returns our folders in an inbox with their times; a run's id begins with its time, and so does a refusal's name.
 */
export async function findMovedFolders(inbox: string): Promise<
  readonly {
    readonly path: string;
    readonly kind: 'done' | 'refused';
    readonly name: string;
    readonly at: Date;
  }[]
> {
  const found = [];
  for (const kind of [DONE, REFUSED] as const) {
    const entries = await readdir(join(inbox, kind), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const at = timeOf(entry.name);
      if (entry.isDirectory() && at !== null)
        found.push({ path: join(inbox, kind, entry.name), kind, name: entry.name, at });
    }
  }
  return found;
}

/** Reads the time of a name that begins like `formatStamp`, alone or in a run's id. */
function timeOf(name: string): Date | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-|$)/.exec(name);
  if (parts === null) return null;
  const [, year, month, day, hours, minutes, seconds] = parts;
  const at = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

interface Access {
  readonly folder: number;
  readonly file: number;
}

/** Whoever may read the inbox may read the results, because the people who put lists there do not run the program. */
async function accessOf(inbox: string): Promise<Access> {
  const { mode } = await stat(inbox);
  return { folder: mode & 0o777, file: mode & 0o666 };
}

async function makeFolder(path: string, access: Access): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, access.folder);
}

/** Creates a folder, with a number after its name where that exists already. */
async function makeNewFolder(path: string, access: Access): Promise<string> {
  for (let count = 1; ; count += 1) {
    const place = count === 1 ? path : `${path}-${count}`;
    try {
      await mkdir(place);
      await chmod(place, access.folder);
      return place;
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
  }
}

async function copyWhole(from: string, to: string, access: Access): Promise<void> {
  const unfinished = `${to}${UNFINISHED}`;
  try {
    await copyFile(from, unfinished);
  } catch (error) {
    // failed.xlsx is left out of a run folder where a sheet can't hold all rows.
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  await chmod(unfinished, access.file);
  await rename(unfinished, to);
}

/** `done` and `refused` may be on another disk. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isSystemError(error, 'EXDEV')) throw error;
    await copyFile(from, `${to}${UNFINISHED}`);
    await rename(`${to}${UNFINISHED}`, to);
    await rm(from);
  }
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && codeOf(error) === code;
}
