import { mkdir, readdir, stat } from 'node:fs/promises';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { uploadFolder, uploadsFolder } from '../../service/uploads/upload-place.ts';

/** Most file systems allow names of 255 bytes. The rest leaves room for the longer name of an unfinished file. */
const LONGEST_NAME_BYTES = 200;
const LONGEST_SHOWN = 300;

/** Creates the folder of an upload, and the folders above it that do not exist yet, each for its owner alone. */
export async function makeUploadFolder(reportsDirectory: string, id: string): Promise<string> {
  const folder = uploadFolder(reportsDirectory, id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Returns the ids of the uploads that have a folder, and when each folder was last changed. */
export async function findUploadFolders(
  reportsDirectory: string,
): Promise<readonly { readonly id: string; readonly changedAt: Date }[]> {
  const names = await readdir(uploadsFolder(reportsDirectory)).catch(() => []);
  const found = [];
  for (const id of names.filter((name) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name))) {
    const facts = await stat(uploadFolder(reportsDirectory, id)).catch(() => null);
    if (facts !== null) found.push({ id, changedAt: facts.mtime });
  }
  return found;
}

/** Returns a file's name as pages show it. Some browsers send the whole path. */
export function shownNameOf(given: string): string {
  const name = given.split(/[\\/]/).at(-1) ?? '';
  return cleanUntrustedText(name, LONGEST_SHOWN) || 'list';
}

/** Returns a name that is safe in any of our folders. It keeps the ending, which tells the format of the file. */
export function storedNameOf(shownName: string): string {
  const plain = shownName.replaceAll(/[^\p{L}\p{M}\p{N}_. ()+-]/gu, '_').replace(/^[. ]+/, '') || 'list';
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? '';
  let stem = plain.slice(0, plain.length - ending.length);
  while (Buffer.byteLength(stem + ending) > LONGEST_NAME_BYTES) stem = stem.replace(/.$/u, '');
  return `${stem || 'list'}${ending}`;
}
