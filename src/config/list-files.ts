import { glob, stat } from 'node:fs/promises';
import path from 'node:path';
import { refused, valid, type Checked } from './checked.ts';

/**
 * The files a path or a glob names, absolute, in name order by code point: one run a file. A plain path is handed on
 * unseen, its reader reports what is wrong with it. Folders, hidden files and Excel's lock files match no glob.
 */
export async function findListFiles(pattern: string, cwd: string): Promise<Checked<readonly string[]>> {
  const literal = path.resolve(cwd, pattern);
  if (!/[*?[\]{}]/.test(pattern) || (await exists(literal))) return valid([literal]);
  const files: string[] = [];
  for await (const entry of glob(pattern, { cwd, withFileTypes: true })) {
    const isNoList = entry.isDirectory() || /^(?:\.|~\$)/.test(entry.name);
    if (!isNoList) files.push(path.resolve(entry.parentPath, entry.name));
  }
  if (files.length === 0) return refused(`list.csv: no file matches ${pattern}`);
  return valid(files.toSorted(byCodePoint));
}

/** UTF-8 keeps the order of code points; JavaScript's own comparison does not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
