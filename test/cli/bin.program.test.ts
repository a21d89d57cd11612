import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createWorkplace } from '../config/workplace.ts';

const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));

function startOn(version: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, bin, '--version'];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

test('an unsupported Node gets one clear line and nothing else', () => {
  const old = startOn('20.20.2');
  expect(old.status).toBe(2);
  expect(old.stdout).toBe('');
  expect(old.stderr).toBe('kona-enroll needs Node 22.19 or newer; this is Node 20.20.2.\n');
});

test.each(['22.19.0', '24.21.0', '26.0.0'])('Node %s is let in', (version) => {
  const end = startOn(version);
  expect(end.stderr).toBe('');
  expect(end.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(end.status).toBe(0);
});

test('what Node compiled is kept for the next start', async () => {
  const { cwd: HOME } = await createWorkplace();
  const start = () => spawnSync(process.execPath, [bin, '--help'], { encoding: 'utf8', env: { HOME } });
  const first = start();
  expect(first.status).toBe(0);
  const kept = globSync('.cache/kona-enroll/compiled/**/*', { cwd: HOME });
  expect(kept.length).toBeGreaterThan(10);
  expect(start().stdout).toBe(first.stdout);
});

test('at a terminal a word stands before the program is loaded, and gives way', () => {
  const pretend = [
    `import tty from 'node:tty'`,
    `import { syncBuiltinESMExports } from 'node:module'`,
    `tty.isatty = () => true`,
    `syncBuiltinESMExports()`,
  ].join('\n');
  const start = (...words: string[]): string => {
    const argv = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, bin, ...words];
    return spawnSync(process.execPath, argv, { encoding: 'utf8', env: { PATH: process.env['PATH'] } }).stderr;
  };
  const word = '\r\u001B[Kstarting …';
  expect(start('nothing').split('kona-enroll: ')[0]).toBe(`${word}\r\u001B[K`);
  expect(start('nothing', '--quiet')).toMatch(/^kona-enroll: /);
  expect(start('--version')).toBe('');
});
