import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createWorkplace } from '../config/workplace.ts';

const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));
const hasFullDevice = existsSync('/dev/full');

/** `$PROGRAM` is the program; the shell says in which surroundings it starts. */
async function startInShell(script: string, env: Readonly<Record<string, string>> = {}) {
  const { cwd } = await createWorkplace();
  const end = spawnSync('sh', ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', PROGRAM: `${process.execPath} ${bin}`, ...env },
  });
  return { cwd, exitCode: end.status, stdout: end.stdout, stderr: end.stderr };
}

const removeFolder = 'mkdir gone && cd gone && rmdir ../gone &&';

test.each(['run job.yaml', 'status', '--version'])(
  'in a working folder that was removed %s is a sentence and exit 8',
  async (command) => {
    const end = await startInShell(`${removeFolder} $PROGRAM ${command}`);
    expect(end.exitCode).toBe(8);
    expect(end.stdout).toBe('');
    expect(end.stderr).toBe(
      'kona-enroll: The working folder, where relative paths start, can not be used: it was removed, or this account may not look at it (ENOENT).\n' +
        'Nothing was done: change into an existing folder, and give the command again.\n',
    );
  },
);

test('a script reads of the removed folder in JSON, also where npm names another', async () => {
  const env = { npm_lifecycle_event: 'kona-enroll', INIT_CWD: '/' };
  const end = await startInShell(`${removeFolder} $PROGRAM rules --json`, env);
  expect(end.exitCode).toBe(8);
  expect(JSON.parse(end.stdout)).toMatchObject({ exitCode: 8, exitCause: 'folder' });
});

test.skipIf(!hasFullDevice).each(['rules', 'rules --json', '--help', 'run nowhere.yaml --json'])(
  '%s into an output that is full is a sentence and exit 8',
  async (command) => {
    const end = await startInShell(`$PROGRAM ${command} > /dev/full`);
    expect(end.exitCode).toBe(8);
    expect(end.stderr).toContain(
      'kona-enroll: Standard output can not be written, so that what was to stand there is missing or cut short: ENOSPC',
    );
    expect(end.stderr).toContain('`kona-enroll status RUN --json` shows one.\n');
    expect(end.stderr).not.toMatch(/^ {4}at /m);
  },
);

test('a document that the disk has room for only in part is exit 8 too', async () => {
  // The limit is in blocks of 512 bytes; the program keeps no file of its own here.
  const end = await startInShell('ulimit -f 1; $PROGRAM rules --json > rules.json');
  const written = await readFile(join(end.cwd, 'rules.json'), 'utf8');
  expect(written.length).toBeGreaterThan(0);
  expect(() => JSON.parse(written) as unknown).toThrow(SyntaxError);
  expect(end.exitCode).toBe(8);
  expect(end.stderr).toContain('missing or cut short: EFBIG');
});

test('a document in a file is whole', async () => {
  const piped = await startInShell('$PROGRAM rules --json');
  const filed = await startInShell('$PROGRAM rules --json > rules.json');
  expect(await readFile(join(filed.cwd, 'rules.json'), 'utf8')).toBe(piped.stdout);
  expect([filed.exitCode, filed.stderr]).toEqual([0, '']);
});

test('a reader that left, an output nobody wants and a full or closed stderr change nothing', async () => {
  const left = await startInShell('{ $PROGRAM rules; echo "exit $?" >&2; } | true');
  expect(left.stderr).toBe('exit 0\n');
  const { stdout } = await startInShell('$PROGRAM rules');
  for (const script of ['$PROGRAM rules 2>&-', ...(hasFullDevice ? ['$PROGRAM rules 2> /dev/full'] : [])]) {
    expect(await startInShell(script)).toMatchObject({ exitCode: 0, stdout, stderr: '' });
  }
  const usage = await startInShell('$PROGRAM run nowhere.yaml 2>&-');
  expect(usage.exitCode).toBe(2);
  const unwanted = await startInShell('$PROGRAM rules > /dev/null; $PROGRAM rules >&-');
  expect([unwanted.exitCode, unwanted.stderr]).toEqual([0, '']);
});
