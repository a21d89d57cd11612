import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCacheFolder, useCompileCache } from '../../src/cli/compile-cache.ts';
import { createWorkplace } from '../config/workplace.ts';

const isRoot = process.getuid?.() === 0;

async function home(): Promise<string> {
  return (await createWorkplace()).cwd;
}

test('it is in the home of whoever starts the program, and nobody else can look into it', async () => {
  const HOME = await home();
  const folder = makeCacheFolder({ HOME });
  expect(folder).toBe(join(HOME, '.cache/kona-enroll/compiled'));
  expect(statSync(join(HOME, '.cache/kona-enroll')).mode & 0o777).toBe(0o700);
  expect(statSync(join(HOME, '.cache/kona-enroll/compiled')).mode & 0o777).toBe(0o700);
  expect(makeCacheFolder({ HOME })).toBe(folder);
});

test('a folder for caches stands over the home, that of systemd over both', async () => {
  const [HOME, XDG_CACHE_HOME, systemd] = [await home(), await home(), await home()];
  expect(makeCacheFolder({ HOME, XDG_CACHE_HOME })).toBe(join(XDG_CACHE_HOME, 'kona-enroll/compiled'));
  const CACHE_DIRECTORY = `${systemd}:/elsewhere`;
  expect(makeCacheFolder({ HOME, XDG_CACHE_HOME, CACHE_DIRECTORY })).toBe(
    join(systemd, 'kona-enroll/compiled'),
  );
  expect(existsSync(join(HOME, '.cache'))).toBe(false);
});

test.each(['kona-enroll', 'kona-enroll/compiled'])(
  'there is none where others can write to %s',
  async (shared) => {
    const XDG_CACHE_HOME = await home();
    mkdirSync(join(XDG_CACHE_HOME, 'kona-enroll/compiled'), { recursive: true, mode: 0o700 });
    chmodSync(join(XDG_CACHE_HOME, shared), 0o777);
    expect(makeCacheFolder({ XDG_CACHE_HOME })).toBeNull();
  },
);

test.skipIf(!isRoot)('there is none in another’s home, and nothing is made there', async () => {
  const HOME = await home();
  chownSync(HOME, 12_345, 12_345);
  expect(makeCacheFolder({ HOME })).toBeNull();
  expect(existsSync(join(HOME, '.cache'))).toBe(false);
});

test('there is none where it can not be made, or nobody says where', async () => {
  const XDG_CACHE_HOME = await home();
  writeFileSync(join(XDG_CACHE_HOME, 'kona-enroll'), '');
  expect(makeCacheFolder({ XDG_CACHE_HOME })).toBeNull();
  expect(makeCacheFolder({ HOME: '/nowhere/at/all' })).toBeNull();
  expect(makeCacheFolder({ XDG_CACHE_HOME: 'relative' })).toBeNull();
  expect(makeCacheFolder({})).toBeNull();
});

test.each(['NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE'])('%s is left to Node', async (name) => {
  const HOME = await home();
  useCompileCache({ HOME, [name]: '1' });
  expect(existsSync(join(HOME, '.cache'))).toBe(false);
});
