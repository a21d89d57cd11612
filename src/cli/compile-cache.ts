import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Lets Node keep the program's compiled code between starts. Does nothing where no folder belongs only to this user,
 * because Node runs what it finds there and nobody else may be able to write to it.
 */
export function useCompileCache(env: Environment): void {
  // The person who starts Node has named another place, or none.
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return;
  const folder = makeCacheFolder(env);
  if (folder !== null) module.enableCompileCache(folder);
}

/**
 * Returns the cache folder, created where it is missing; null: there is none that only this user can write to. Node
 * separates its versions and users in it, and checks a file's content before it uses what it kept.
 */
export function makeCacheFolder(env: Environment): string | null {
  const me = process.getuid?.();
  const base = cacheHome(env);
  if (me === undefined || base === null) return null;
  try {
    // Do not use another user's home, as under sudo.
    if (lstatSync(base.owned).uid !== me) return null;
    const ours = join(base.folder, 'kona-enroll');
    const folder = join(ours, 'compiled');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return [ours, folder].every((path) => isMineAlone(path, me)) ? folder : null;
  } catch {
    return null;
  }
}

interface CacheHome {
  readonly folder: string;
  /** An existing folder; it belongs to this user where `folder` does. */
  readonly owned: string;
}

/** As systemd's CacheDirectory= and the XDG base directories name it. */
function cacheHome(env: Environment): CacheHome | null {
  const given = env['CACHE_DIRECTORY']?.split(':')[0] ?? env['XDG_CACHE_HOME'];
  if (given?.startsWith('/') === true) return { folder: given, owned: given };
  const home = env['HOME'];
  return home?.startsWith('/') === true ? { folder: join(home, '.cache'), owned: home } : null;
}

function isMineAlone(path: string, me: number): boolean {
  const OTHERS_WRITE = 0o022;
  const stat = lstatSync(path);
  return stat.isDirectory() && stat.uid === me && (stat.mode & OTHERS_WRITE) === 0;
}
