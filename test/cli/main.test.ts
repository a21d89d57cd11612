import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { jobFileSchema } from '../../src/config/job-file/job-file-schema.ts';
import { formatRates } from '../../src/config/job-file/rate-limit.ts';
import { main } from '../../src/cli/main.ts';
import { createFakeHost } from './fake-host.ts';

async function use(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const host = createFakeHost({ env });
  const exitCode = await main(argv, host);
  return { exitCode, ...host.written };
}

test('--help shows examples, exit codes and where to read on', async () => {
  const { exitCode, stdout } = await use(['--help']);
  expect(exitCode).toBe(0);
  for (const words of [
    'Examples:',
    'plan members.yaml',
    'Exit codes: 0 done',
    'docs/exit-causes.md',
    'completion',
  ]) {
    expect(stdout).toContain(words);
  }
});

test('the help of a command has its flags in groups, each with what holds without it', async () => {
  const help = (await use(['help', 'run'])).stdout;
  const headings = Array.from(help.matchAll(/^(?<heading>[A-Z].*):$/gm), ({ groups }) => groups?.['heading']);
  expect(headings).toEqual([
    'The list',
    'The calls',
    'Report, log and exit code',
    'Ledger and output',
    'Positionals',
    'Options',
  ]);
  const { limits, list, report } = jobFileSchema.parse({ job: 'nightly', list: { csv: 'list.csv' } });
  for (const [flag, words] of [
    ['rate', `limits.rate, else ${formatRates(limits.rate)}`],
    ['concurrency', `limits.concurrency, else ${limits.concurrency}`],
    ['encoding', `list.encoding, else ${list.encoding}`],
    ['lang', `report.language, else ${report.language}`],
    ['reports', `report.directory, else ${report.directory}`],
    ['log-level', 'info'],
  ]) {
    expect(help.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(` --${flag} [^[]*\\[string\\] \\[default: ${words}\\]`),
    );
  }
  const ofServer = (await use(['help', 'sandbox'])).stdout;
  expect(ofServer).toMatch(/^The server:$[^]*\[default: any free one\][^]*^How it answers:$/m);
});

test('help COMMAND is the command’s --help', async () => {
  expect((await use(['help', 'retry'])).stdout).toBe((await use(['retry', '--help'])).stdout);
  expect((await use(['help', 'retry'])).stdout).toContain('--older-than');
  expect((await use(['help'])).stdout).toBe((await use(['--help'])).stdout);
});

test.each([
  [['run', '--limt', '5', 'list.csv'], 'there is no flag --limt here; did you mean --limit?'],
  [['run', '--reprts=x'], 'there is no flag --reprts here; did you mean --reports?'],
  [['explain', '--shw-ids', '1'], 'there is no flag --shw-ids here; did you mean --show-ids?'],
  [['status', '--xyzzyplugh'], 'there is no flag --xyzzyplugh here'],
])('%j: an unknown flag is named, with the nearest, and is no missing word', async (argv, words) => {
  const { exitCode, stderr } = await use(argv);
  expect([exitCode, stderr]).toEqual([2, `kona-enroll: ${words}\n`]);
});

test('an unknown command gets the nearest', async () => {
  const { exitCode, stderr } = await use(['statsu']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('Did you mean status?');
});

test('a word that is missing is said to be', async () => {
  expect((await use(['run'])).stderr).toContain('the command needs one more word');
});

test('a known flag with a value that looks like a flag is none', async () => {
  expect((await use(['run', '--', '--limt'])).stderr).not.toContain('there is no flag');
});

test('completion writes a script for the shell', async () => {
  const { exitCode, stdout } = await use(['completion'], { SHELL: '/bin/bash' });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('kona-enroll');
  expect(stdout).toContain('get-yargs-completions');
});

test('a hint names a command that exists where it is read', async () => {
  expect((await use([])).stderr).toContain('kona-enroll --help');
  expect((await use([], { npm_package_name: 'kona-enroll' })).stderr).toContain(
    'npm run -s kona-enroll -- --help',
  );
});

test('a person sees at a terminal that the ledger is being opened, before it is, and not with --quiet', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'waiting-'));
  // A file where the folder should be: it can't be opened.
  await writeFile(join(cwd, 'ledger'), '');
  const start = async (...flags: readonly string[]) => {
    const host = { ...createFakeHost({ isTerminal: true }), cwd };
    expect(await main(['status', '--database-url', 'embedded:ledger', ...flags], host)).toBe(8);
    return host.written.stderr;
  };
  const shown = await start();
  const words = ['starting …', 'opening the ledger …', ''].map((word) => `\r\u001B[K${word}`).join('');
  expect(shown.startsWith(words)).toBe(true);
  expect(shown).toContain("kona-enroll: the ledger's folder ");
  expect(await start('--quiet')).toMatch(/^kona-enroll: the ledger's folder /);
  await rm(cwd, { recursive: true });
});

test.each([
  ['run none.yaml'],
  ['plan none.yaml'],
  ['retry'],
  ['status'],
  ['status --watch'],
  ['explain 1'],
  ['report'],
  ['report --verify'],
  ['rules none.yaml'],
  ['reconcile'],
  ['reconcile --against provider'],
  ['resolve 1 --note seen'],
  ['migrate'],
  ['access-log'],
  ['purge'],
  ['template /none/list.csv'],
])('%s: something stands at a terminal before anything is done, and it gives way', async (words) => {
  const cwd = await mkdtemp(join(tmpdir(), 'kona-main-'));
  try {
    // A file where the ledger's folder would be: none is opened.
    await writeFile(join(cwd, 'ledger'), '');
    const host = createFakeHost({ isTerminal: true, env: { DATABASE_URL: `embedded:${cwd}/ledger` } });
    expect(await main(words.split(' '), { ...host, cwd })).toBeGreaterThanOrEqual(0);
    expect(host.written.stderr.startsWith('\r\u001B[Kstarting …\r\u001B[K')).toBe(true);
    const plain = createFakeHost({ env: { DATABASE_URL: `embedded:${cwd}/ledger` } });
    await main(words.split(' '), { ...plain, cwd });
    expect(plain.written.stderr).not.toContain('…');
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});

test('the help of every command fits 80 columns', async () => {
  const { stdout } = await use(['--help']);
  const commands = Array.from(stdout.matchAll(/^ {2}kona-enroll ([a-z-]+)/gm), ([, name = '']) => name);
  expect(new Set(commands).size).toBeGreaterThan(12);
  for (const name of new Set(['', ...commands.filter((one) => one !== 'completion')])) {
    const help = (await use([...(name === '' ? [] : [name]), '--help'])).stdout;
    const wide = help.split('\n').filter((line) => stringWidth(line) > 80);
    expect([name, wide]).toEqual([name, []]);
  }
});
