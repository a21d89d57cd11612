import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodePoint } from '../../config/list-files.ts';
import type { Clock } from '../../domain/clock.ts';
import { quoteName } from '../../domain/untrusted-text.ts';
import { DONE, REFUSED } from './inbox-folders.ts';

/** For this long neither size nor time of a file may have changed before it is taken. */
const UNCHANGED_MS = 10_000;
/** A file that takes longer to arrive is left for the next start. */
const WAIT_AT_MOST_MS = 30_000;
const LOOK_AGAIN_MS = 1_000;

/** Matches names of half-written and hidden files, and of the locks that office programs put beside an open file. */
const NOT_YET = /^(?:\.|~\$)|\.(?:part|tmp|crdownload|filepart)$/i;
const LIST_ENDINGS = /\.(?:csv|tsv|txt|xlsx|xlsm|xls)$/i;

export interface InboxFile {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Changes with every write: device, file number, size and time. */
  readonly identity: string;
}

export interface InboxScan {
  /** Ready files in name order by code point. */
  readonly ready: readonly InboxFile[];
  /** One sentence for each file that stays and whose name does not mark it as half-written. */
  readonly left: readonly string[];
}

/** A file as one look found it. */
interface SeenFile extends InboxFile {
  /** The later of the file's two times, one of which nobody can set back. Milliseconds since 1970. */
  readonly changedAt: number;
}

interface Look {
  readonly files: readonly SeenFile[];
  readonly left: readonly string[];
}

/** Returns the files of an inbox that nobody is writing. Waits up to half a minute for young files. */
export async function waitForFiles(folder: string, clock: Clock, stop: AbortSignal): Promise<InboxScan> {
  const seen = new Map<string, { readonly identity: string; readonly since: number }>();
  const giveUpAt = clock.monotonic() + WAIT_AT_MOST_MS;
  for (;;) {
    const look = await lookInto(folder);
    const now = clock.monotonic();
    for (const { name, identity } of look.files) {
      if (seen.get(name)?.identity !== identity) seen.set(name, { identity, since: now });
    }
    const isReady = ({ name, changedAt }: SeenFile): boolean =>
      isOld(changedAt, clock) || now - (seen.get(name)?.since ?? now) >= UNCHANGED_MS;
    const arriving = look.files.filter((file) => !isReady(file));
    if (arriving.length === 0 || now >= giveUpAt || stop.aborted) return scanOf(look, arriving);
    await clock.sleep(LOOK_AGAIN_MS, stop);
  }
}

/** Does the same without waiting; young files are left. */
export async function scanInbox(folder: string, clock: Pick<Clock, 'now'>): Promise<InboxScan> {
  const look = await lookInto(folder);
  return scanOf(
    look,
    look.files.filter(({ changedAt }) => !isOld(changedAt, clock)),
  );
}

/** Returns null where the file is gone. */
export async function identityOf(path: string): Promise<string | null> {
  try {
    return identityIn(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}

function identityIn({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join(':');
}

function scanOf({ files, left }: Look, arriving: readonly SeenFile[]): InboxScan {
  const later = new Set(arriving);
  return {
    ready: files.filter((file) => !later.has(file)),
    left: [
      ...left,
      ...arriving.map(({ name }) => `${quoteName(name)} is still being written; the next start takes it`),
    ],
  };
}

/** A file with a time in the future, from a machine whose clock is ahead, is never old; it is watched instead. */
function isOld(changedAt: number, { now }: Pick<Clock, 'now'>): boolean {
  return now().getTime() - changedAt >= UNCHANGED_MS;
}

async function lookInto(folder: string): Promise<Look> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: SeenFile[] = [];
  const left: string[] = [];
  for (const entry of entries.toSorted((a, b) => byCodePoint(a.name, b.name))) {
    const { name } = entry;
    if (NOT_YET.test(name) || (entry.isDirectory() && [DONE, REFUSED].includes(name))) continue;
    const why = whyLeft(entry);
    if (why !== null) {
      left.push(`${quoteName(name)} stays in the inbox: ${why}`);
      continue;
    }
    const path = join(folder, name);
    const found = await stat(path, { bigint: true }).catch(() => null);
    // Removed after the folder was read.
    if (found === null) continue;
    const changed = found.ctimeMs > found.mtimeMs ? found.ctimeMs : found.mtimeMs;
    files.push({ name, path, identity: identityIn(found), changedAt: Number(changed) });
  }
  return { files, left };
}

function whyLeft(entry: {
  readonly name: string;
  isSymbolicLink(): boolean;
  isDirectory(): boolean;
  isFile(): boolean;
}): string | null {
  if (entry.isSymbolicLink()) return 'it is a symbolic link; put the file itself there';
  if (entry.isDirectory()) return 'it is a folder; put the lists themselves there';
  if (!entry.isFile()) return 'it is not a file';
  return LIST_ENDINGS.test(entry.name) ? null : 'it is not a list; lists end in .csv, .tsv, .txt or .xlsx';
}
