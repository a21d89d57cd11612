import { access, constants, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../domain/error-words.ts';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';

/** The free space of a file system for the program's user. */
export interface FreeSpace {
  readonly bytes: number;
  /** Number of free files; null where the file system does not count them. */
  readonly files: number | null;
}

const MIB = 1024 * 1024;
/** Less than the run folder and the log of a list of some ten thousand rows need. */
const TOO_FEW_BYTES = 100 * MIB;
/** The run folder of a million rows takes some 700 MB, and an embedded ledger of them even more. */
const FEW_BYTES = 2048 * MIB;
/** A run folder has a dozen files, an embedded ledger a thousand. */
const TOO_FEW_FILES = 100;
const FEW_FILES = 5_000;

/**
 * Checks that a folder can be written to and has room, without creating it. A folder that does not exist yet is
 * judged by the nearest existing folder above it.
 */
export async function checkFolder(about: string, folder: string): Promise<Finding[]> {
  const place = await nearestFolder(folder);
  if (place.kind === 'unusable') {
    return [fault(about, `${folder}: ${place.why}`, 'correct its path, or the rights on the way there')];
  }
  const isThere = place.folder === folder;
  try {
    await access(place.folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error ? codeOf(error) : 'unknown';
    const cure = `give this user the right to write in ${place.folder}`;
    return [fault(about, `${folder} can't be written (${code})`, cure)];
  }
  const space = await statfs(place.folder);
  return [
    fine(about, isThere ? `${folder} can be written` : `the first run will create ${folder}`),
    judgeSpace(about, {
      bytes: space.bavail * space.bsize,
      files: space.files === 0 ? null : space.ffree,
    }),
  ];
}

export function judgeSpace(about: string, { bytes, files }: FreeSpace): Finding {
  const free = `${formatBytes(bytes)} free${files === null ? '' : `, room for ${files.toLocaleString('en')} files`}`;
  const name = `disk of ${about}`;
  if (bytes < TOO_FEW_BYTES || (files !== null && files < TOO_FEW_FILES)) {
    return fault(name, `full: ${free}`, 'free some space, or name another folder');
  }
  if (bytes < FEW_BYTES || (files !== null && files < FEW_FILES)) {
    return doubt(name, `little room: ${free}`, 'free some space: a run of a million rows takes up to 2 GB');
  }
  return fine(name, free);
}

type Place =
  { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'unusable'; readonly why: string };

async function nearestFolder(folder: string): Promise<Place> {
  try {
    const found = await stat(folder);
    return found.isDirectory() ? { kind: 'folder', folder } : { kind: 'unusable', why: 'it is not a folder' };
  } catch (error) {
    const code = error instanceof Error ? codeOf(error) : 'unknown';
    const above = path.dirname(folder);
    if (code === 'ENOTDIR') return { kind: 'unusable', why: 'one of the folders above it is a file' };
    if (code !== 'ENOENT' || above === folder)
      return { kind: 'unusable', why: `it cannot be reached (${code})` };
    return await nearestFolder(above);
  }
}

function formatBytes(bytes: number): string {
  return bytes < 1024 * MIB
    ? `${Math.floor(bytes / MIB)} MB`
    : `${(bytes / (1024 * MIB)).toFixed(bytes < 10_240 * MIB ? 1 : 0)} GB`;
}
