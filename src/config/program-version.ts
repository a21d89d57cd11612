import { readFileSync } from 'node:fs';

/**
 * The version in package.json, which stands two folders above this file in the sources and in what is published. Checked
 * by hand: what every start does must not load a library for it.
 */
export function readProgramVersion(): string {
  const content = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(content) as { readonly version?: unknown };
  if (typeof version !== 'string') throw new Error('The package.json of the program has no version.');
  return version;
}
