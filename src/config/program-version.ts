import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.ts';

/**
 * Returns the version in package.json. It is checked by hand, because every start reads it and must not load a
 * library for it.
 */
export function readProgramVersion(): string {
  const { version } = readPackage();
  if (typeof version !== 'string') throw new Error('The package.json of the program has no version.');
  return version;
}

/** Returns the range of Node versions that the program runs on, such as >=22.19. */
export function readNodeRange(): string {
  const range = readPackage().engines?.node;
  if (typeof range !== 'string') throw new Error('The package.json of the program names no Node versions.');
  return range;
}

interface PackageFacts {
  readonly version?: unknown;
  readonly engines?: { readonly node?: unknown };
}

function readPackage(): PackageFacts {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as PackageFacts;
}
