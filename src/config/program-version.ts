import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.ts';

/** The version in package.json. Checked by hand: what every start does must not load a library for it. */
export function readProgramVersion(): string {
  const content = readFileSync(packageFile('package.json'), 'utf8');
  const { version } = JSON.parse(content) as { readonly version?: unknown };
  if (typeof version !== 'string') throw new Error('The package.json of the program has no version.');
  return version;
}
