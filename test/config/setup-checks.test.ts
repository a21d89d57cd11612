import { chmod, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkFolder, judgeSpace } from '../../src/config/setup/check-folder.ts';
import { checkNode } from '../../src/config/setup/check-node.ts';
import { checkSecretFiles } from '../../src/config/setup/check-secret-files.ts';
import { tellClockSync, tellTimeZone } from '../../src/config/setup/check-time.ts';
import { readNodeRange } from '../../src/config/program-version.ts';
import { createWorkplace } from './workplace.ts';

test.each([
  ['20.1.0', 'fail'],
  ['22.18.9', 'fail'],
  ['22.19.0', 'ok'],
  ['24.1.0', 'ok'],
  ['30.0.0', 'ok'],
])('Node %s is %s', (version, level) => {
  expect(checkNode(version, readNodeRange())).toMatchObject({ level, about: 'Node' });
  expect(() => checkNode(version, '^22')).toThrow('another form');
});

test('secrets that others can read are told with the cure, each file by its own name', async () => {
  const { cwd, write } = await createWorkplace();
  const findings = async () =>
    await checkSecretFiles({
      layers: [{ KONA_SECRET_KEY_FILE: 'secret' }, { KONA_SERVER_PUBLIC_KEY_FILE: 'public' }],
      cwd,
    });
  expect(await findings()).toEqual([]);
  for (const name of ['.env', 'secret', 'public']) await chmod(await write(name, 'x'), 0o644);
  expect(await findings()).toEqual([
    {
      level: 'fail',
      about: '.env',
      what: expect.stringContaining('0644') as unknown,
      cure: 'chmod 600 .env',
    },
    // What is public may be read, and containers mount secrets so.
    expect.objectContaining({ level: 'warn', about: 'KONA_SECRET_KEY_FILE' }),
  ]);
  await chmod(path.join(cwd, '.env'), 0o640);
  await chmod(path.join(cwd, 'secret'), 0o600);
  expect((await findings()).map(({ level, about }) => [level, about])).toEqual([
    ['warn', '.env'],
    ['ok', 'KONA_SECRET_KEY_FILE'],
  ]);
});

test('a folder is judged without being made', async () => {
  const { cwd, write } = await createWorkplace();
  const folder = path.join(cwd, 'runs', 'deep');
  expect(await checkFolder('reports', folder)).toEqual([
    { level: 'ok', about: 'reports', what: `the first run will create ${folder}`, cure: null },
    expect.objectContaining({ about: 'disk of reports' }),
  ]);
  expect(await readdir(cwd)).toEqual([]);
  await mkdir(folder, { recursive: true });
  expect((await checkFolder('reports', folder))[0]?.what).toBe(`${folder} can be written`);
  await write('file', 'x');
  for (const wrong of ['file', path.join('file', 'runs')]) {
    const found = await checkFolder('reports', path.join(cwd, wrong));
    expect(found).toEqual([expect.objectContaining({ level: 'fail' })]);
  }
  // A file system on which nobody, root included, can make a folder.
  expect((await checkFolder('reports', '/proc/1/runs')).map(({ level }) => level)).toContain('fail');
});

test.each([
  [50, 10_000, 'fail'],
  [1_000, 10_000, 'warn'],
  [5_000, 10_000, 'ok'],
  [5_000, 50, 'fail'],
  [5_000, 1_000, 'warn'],
  [5_000, null, 'ok'],
])('a disk with %d MB and room for %s files is %s', (megabytes, files, level) => {
  const finding = judgeSpace('reports', { bytes: megabytes * 1024 * 1024, files });
  expect(finding).toMatchObject({ level, about: 'disk of reports' });
  expect(finding.cure === null).toBe(level === 'ok');
});

test('the time of the windows is told in their own zone', () => {
  expect(tellTimeZone('Asia/Seoul', new Date('2026-11-29T16:00:00Z')).what).toBe(
    'Asia/Seoul, where it is 2026-11-30 01:00 now',
  );
});

test('a clock in step is told only where the system says so', async () => {
  const { cwd, write } = await createWorkplace();
  expect(await tellClockSync(path.join(cwd, 'synchronized'))).toBeNull();
  expect(await tellClockSync(await write('synchronized', ''))).toMatchObject({ level: 'ok' });
});
