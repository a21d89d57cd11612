// Reads the licences of everything that is installed with the program, for the list that is part of a release.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LockFile } from './lock-file.ts';

export interface Licensed {
  readonly name: string;
  readonly version: string;
  /** The licence in package.json; null: it names none. */
  readonly licence: string | null;
  /** The licence text in the package; null: it has none. */
  readonly text: string | null;
}

/**
 * Accepted licences, which require only that their text, and any notice, be passed on. A person must read any other.
 */
const known: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'PostgreSQL',
  // MIT applies to us.
  '(MIT OR CC0-1.0)',
]);

/**
 * Returns every package of the lock file that is installed, in name order. A package for another platform may be
 * missing.
 */
export function readLicences(root: string, lock: LockFile): Licensed[] {
  return Object.keys(lock.packages)
    .filter((path) => path !== '' && lock.packages[path]?.dev !== true)
    .flatMap((path) => {
      const found = readPackage(join(root, path));
      return found === null ? [] : [found];
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Returns one sentence for each package whose licence is not accepted yet. */
export function findUnknownLicences(packages: readonly Licensed[]): string[] {
  return packages
    .filter(({ licence }) => licence === null || !known.has(licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence ?? 'says no licence'}`);
}

/** Returns the list of licences, then each text. */
export function licenceDocument(packages: readonly Licensed[]): string {
  const list = packages.map(({ name, version, licence }) => `${name} ${version}: ${licence ?? 'none'}`);
  const texts = packages.map(
    ({ name, version, text }) =>
      `${'-'.repeat(72)}\n${name} ${version}\n\n${text?.trim() ?? 'It brings no text along.'}\n`,
  );
  return [`What is installed with kona-enroll, and under which licence.\n`, ...list, '', ...texts].join('\n');
}

function readPackage(folder: string): Licensed | null {
  const names = namesIn(folder);
  if (!names.includes('package.json')) return null;
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: unknown;
  };
  const texts = names.filter((file) => /^(?:licen[cs]e|notice|copying)(?:[.-]|$)/i.test(file));
  return {
    name,
    version,
    licence: typeof license === 'string' ? license : null,
    text:
      texts.length === 0 ? null : texts.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n\n'),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
