import { mkdir, readdir, stat } from 'node:fs/promises';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { uploadFolder, uploadsFolder } from '../../service/uploads/upload-place.ts';

/** What most file systems let a name have, less what a name under way has around it. */
const LONGEST_NAME_BYTES = 200;
const LONGEST_SHOWN = 300;

/** Each for its owner alone, also where the folder of reports is being made now. */
export async function makeUploadFolder(reportsDirectory: string, id: string): Promise<string> {
  const folder = uploadFolder(reportsDirectory, id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Ids of uploads that lie there, and when each was last written to. */
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

/** A file's name as people are shown it. Some browsers send the whole path. */
export function shownNameOf(given: string): string {
  const name = given.split(/[\\/]/).at(-1) ?? '';
  return cleanUntrustedText(name, LONGEST_SHOWN) || 'list';
}

/** A name under which the file can lie in any folder of ours; its ending stays, since that tells what it is. */
export function storedNameOf(shownName: string): string {
  const plain = shownName.replaceAll(/[^\p{L}\p{M}\p{N}_. ()+-]/gu, '_').replace(/^[. ]+/, '') || 'list';
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? '';
  let stem = plain.slice(0, plain.length - ending.length);
  while (Buffer.byteLength(stem + ending) > LONGEST_NAME_BYTES) stem = stem.replace(/.$/u, '');
  return `${stem || 'list'}${ending}`;
}
