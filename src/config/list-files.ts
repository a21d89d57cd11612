import { glob, stat } from 'node:fs/promises';
import path from 'node:path';
import { refused, valid, type Checked } from './checked.ts';

/**
 * The files a path or a glob names, absolute, in name order by code point: one run a file. A plain path is handed on
 * unseen, its reader reports what is wrong with it. `setting` names the pattern in a refusal. Folders, hidden files and Excel's lock files match no glob.
 */
export async function findListFiles(
  pattern: string,
  cwd: string,
  setting: string,
): Promise<Checked<readonly string[]>> {
  const literal = path.resolve(cwd, pattern);
  const spellings = spellingsOf(pattern);
  for (const spelling of spellings) {
    const file = path.resolve(cwd, spelling);
    if (await exists(file)) return valid([file]);
  }
  if (!/[*?[\]{}]/.test(pattern)) return valid([literal]);
  const found = new Set<string>();
  for await (const entry of glob(spellings, { cwd, withFileTypes: true })) {
    const isNoList = entry.isDirectory() || /^(?:\.|~\$)/.test(entry.name);
    if (!isNoList) found.add(path.resolve(entry.parentPath, entry.name));
  }
  const files = [...found];
  if (files.length === 0) return refused(`${setting}: no file matches ${pattern}`);
  return valid(files.toSorted(byCodePoint));
}

/** A file that comes from macOS may have its Hangul in parts, and looks the same. */
function spellingsOf(pattern: string): string[] {
  return [...new Set([pattern, pattern.normalize('NFC'), pattern.normalize('NFD')])];
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
