import { glob, stat } from 'node:fs/promises';
import path from 'node:path';
import { refused, valid, type Checked } from './checked.ts';
import { looserGlobs } from './looser-globs.ts';
import { quoteName } from '../domain/untrusted-text.ts';

/** The result of a pattern. */
export interface FoundFiles {
  /** Absolute paths in name order by code point. */
  readonly files: readonly string[];
  /** Sentences about files that differ from the glob only in letter case or ending, one per file name. */
  readonly doubts: readonly string[];
}

/**
 * Finds the files that a path or a glob names; each is one run. A plain path is returned without a check, because its
 * reader reports what is wrong with it. A glob's ending matches in any letter case. `setting` names the pattern in
 * messages. Folders, hidden files and Excel's lock files match no glob.
 */
export async function findListFiles(
  pattern: string,
  cwd: string,
  setting: string,
): Promise<Checked<FoundFiles>> {
  const literal = path.resolve(cwd, pattern);
  for (const spelling of spellingsOf(pattern)) {
    const file = path.resolve(cwd, spelling);
    if (await exists(file)) return valid({ files: [file], doubts: [] });
  }
  if (!/[*?[\]{}]/.test(pattern)) return valid({ files: [literal], doubts: [] });
  const { inAnyEndingCase, inAnyCase, withOtherEnding } = looserGlobs(pattern);
  const exact = await filesOf(pattern, cwd);
  const taken = await filesOf(inAnyEndingCase, cwd);
  const otherCase = await filesOf(inAnyCase, cwd);
  const otherEnding = withOtherEnding === null ? new Set<string>() : await filesOf(withOtherEnding, cwd);
  const told = (files: readonly string[], fault: string): string[] =>
    namesOf(files, cwd).map((name) => `${setting}: ${name} ${fault}`);
  const advice = 'if it should be read, rename it or widen the glob';
  const doubts = [
    ...told(without(taken, exact), `is read: its ending differs from ${pattern} only in letter case`),
    ...told(
      without(otherCase, taken),
      `is not read: it differs from ${pattern} only in letter case; ${advice}`,
    ),
    ...told(
      without(otherEnding, new Set([...taken, ...otherCase])),
      `is not read: it differs from ${pattern} only in its ending; ${advice}`,
    ),
  ];
  const files = [...new Set([...exact, ...taken])];
  if (files.length === 0) return refused(`${setting}: no file matches ${pattern}`, ...doubts);
  return valid({ files: files.toSorted(byCodePoint), doubts });
}

function without(files: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...files].filter((file) => !others.has(file));
}

async function filesOf(pattern: string, cwd: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const entry of glob(spellingsOf(pattern), { cwd, withFileTypes: true })) {
    const isNoList = entry.isDirectory() || /^(?:\.|~\$)/.test(entry.name);
    if (!isNoList) found.add(path.resolve(entry.parentPath, entry.name));
  }
  return found;
}

/** Nobody reads more names than these; the rest are counted. */
const TOLD_AT_MOST = 20;

function namesOf(files: readonly string[], cwd: string): string[] {
  const names = files.toSorted(byCodePoint).map((file) => quoteName(path.relative(cwd, file)));
  const rest = names.length - TOLD_AT_MOST;
  return rest <= 1 ? names : [...names.slice(0, TOLD_AT_MOST), `each of ${rest} more files`];
}

/** Returns both Unicode forms of a pattern, because a file from macOS may have its Hangul decomposed. */
function spellingsOf(pattern: string): string[] {
  return [...new Set([pattern, pattern.normalize('NFC'), pattern.normalize('NFD')])];
}

/** Compares by code point, as UTF-8 sorts; JavaScript's own comparison does not. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Returns whether a path exists, whatever its kind. */
export async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
