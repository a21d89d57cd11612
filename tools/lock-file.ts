import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  /** Packages by the folder in which each is installed; `''` is the program itself. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export function readLock(root: string): LockFile {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
}

/** Returns a lock file without its development dependencies; everything else stays as it is. */
export function withoutDevelopment<Lock extends LockFile>(lock: Lock): Lock {
  const kept = Object.entries(lock.packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path, locked]) => [path, { ...locked, devDependencies: undefined }] as const);
  return { ...lock, packages: Object.fromEntries(kept) };
}
