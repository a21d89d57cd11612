import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { readLedgerFacts } from './ledger-facts.ts';
import { classesOf, expectPlainFailure, failureOf, summaryOf } from './program-output.ts';

const credentials = {
  KONA_BASE_URL: 'http://127.0.0.1:1',
  KONA_ASP_ID: 'ASP000000000001',
  KONA_ACCESS_KEY: 'a'.repeat(40),
  KONA_SECRET_KEY: 'secret-of-nobody',
};
const goodJob = 'job: j\nlist: { csv: list.csv }\nprovider: { baseUrl: $KONA_BASE_URL, encryption: off }\n';

/** A working folder with a good job file and a good list, no ledger, and a provider nobody must ask. */
async function createFolder(files: Readonly<Record<string, string>>) {
  const cwd = await mkdtemp(join(tmpdir(), 'kona-words-'));
  const all = { 'job.yaml': goodJob, 'list.csv': listOf(3), ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(cwd, name), text);
  return {
    cwd,
    [Symbol.asyncDispose]: async () => {
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

interface WordsCase {
  readonly title: string;
  readonly argv: readonly string[];
  readonly says: RegExp;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

const unusableWords: readonly WordsCase[] = [
  { title: 'no such job file', argv: ['run', 'nightly.yaml'], says: /^no such file: nightly\.yaml$/ },
  {
    title: 'a key the job file does not know',
    argv: ['run', 'bad.yaml'],
    files: { 'bad.yaml': goodJob.replace('list:', 'limts: { rate: 5/s }\nlist:') },
    says: /^bad\.yaml:2:1: limts: unknown key; did you mean limits\?$/,
  },
  {
    title: 'a rate that is none',
    argv: ['run', 'job.yaml', '--rate', 'abc'],
    says: /^--rate: expected a rate/,
  },
  { title: 'a flag nobody knows', argv: ['run', 'job.yaml', '--rte', '5/s'], says: /rte/ },
  { title: 'a command nobody knows', argv: ['rnu', 'job.yaml'], says: /rnu|Did you mean run\?/ },
  { title: 'no command', argv: [], says: /--help lists the commands/ },
  {
    title: 'encryption required, as it is by default, and no keys for it',
    argv: ['run', 'bad.yaml'],
    files: { 'bad.yaml': goodJob.replace(', encryption: off', '') },
    says: /^provider\.encryption is required, and not set: KONA_CRYPTO_KEY_ID, KONA_SERVER_PUBLIC_KEY [^\n]+$/,
  },
  {
    title: 'a public key that is none, before anything is opened',
    argv: ['run', 'bad.yaml'],
    files: { 'bad.yaml': goodJob.replace(', encryption: off', '') },
    env: { ...credentials, KONA_CRYPTO_KEY_ID: 'c'.repeat(32), KONA_SERVER_PUBLIC_KEY: 'planted' },
    says: /^KONA_SERVER_PUBLIC_KEY: expected a PEM key (?!.*planted)[^\n]+$/,
  },
  {
    title: 'no credentials',
    argv: ['run', 'job.yaml'],
    env: { KONA_BASE_URL: 'http://127.0.0.1:1' },
    says: /KONA_SECRET_KEY/,
  },
  { title: 'no provider', argv: ['run', 'list.csv'], env: {}, says: /^no provider: / },
];

describe('words that can not be used: exit 2, nothing was touched', () => {
  test.each(unusableWords)('$title', async ({ argv, says, files, env }) => {
    await using folder = await createFolder(files ?? {});
    const options = { cwd: folder.cwd, env: env ?? credentials };
    const [asJson, plain] = await Promise.all([
      runProgram([...argv, '--json'], options),
      runProgram(argv, options),
    ]);
    expect(failureOf(asJson, 2)).toMatch(says);
    expect(plain).toMatchObject({ exitCode: 2, stdout: '' });
    expect(plain.stderr).toMatch(/^kona-enroll: [^\n]+\n$/);
    expect(plain.stderr.slice('kona-enroll: '.length, -1)).toMatch(says);
    expect(existsSync(join(folder.cwd, '.kona-enroll'))).toBe(false);
    // A failure of what calls leaves its line in the log, and nothing else.
    const runs = join(folder.cwd, 'runs');
    expect(existsSync(runs) ? readdirSync(runs) : ['logs']).toEqual(['logs']);
  });
});

test('--json=true asks for the document as --json does', async () => {
  await using folder = await createFolder({});
  const argv = ['run', 'job.yaml', '--rate', 'abc', '--json=true'];
  expect(failureOf(await runProgram(argv, { cwd: folder.cwd, env: credentials }), 2)).toMatch(/^--rate: /);
});

const head = 'user_id,par,memo\n';
const good = `${userIdOf(1)},${parOf(1)},x\n`;

const refusedContents: readonly (readonly [title: string, content: string | Uint8Array, says: RegExp])[] = [
  [
    'no such column',
    `name,par\nx,${parOf(1)}\n`,
    /^list\.csv, line 1: no column has a known name for the user id[^\n]*; name that column/,
  ],
  [
    'two columns for one field',
    `user_id,par,회원번호\n1,${parOf(1)},1\n`,
    /^list\.csv, line 1, column 3: 2 columns [^\n]*; leave one/,
  ],
  [
    'neither UTF-8 nor CP949',
    Buffer.concat([Buffer.from(`${head}${good}1,${parOf(2)},`), Buffer.from([0xb1, 0xe8, 0xff, 0x0a])]),
    /^list\.csv, line 3, column 3: [^\n]*0xFF at byte offset [^\n]*; export the list again as "CSV UTF-8"/,
  ],
  [
    'an id that a spreadsheet made a number of',
    `${head}${good}1.23457E+18,${parOf(2)},x\n`,
    /^list\.csv, line 3, column user_id: [^\n]*exponent[^\n]*; export the list again/,
  ],
  [
    'a list shorter than it says',
    `${head}${good}합계,2\n`,
    /^list\.csv, line 3: the totals line says 2, but 1 row stands above it; /,
  ],
  ['an Excel file', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 6, 0]), /^list\.csv: [^\n]*; /],
  [
    'an unclosed quote',
    `${head}${good}2,"${parOf(2)},x\n`,
    /^list\.csv, line 3, column 2: [^\n]*never closed; close the quote/,
  ],
  [
    'a cell over 64 KiB',
    `${head}${good}2,${parOf(2)},${'x'.repeat(64 * 1024 + 1)}\n`,
    /^list\.csv, line 3, column 3: [^\n]*64 KiB[^\n]*; /,
  ],
  [
    'a line of 2 MiB',
    `${head}${good}2,${parOf(2)},${'x'.repeat(2 * 1024 * 1024)}\n`,
    /^list\.csv, line 3, column 3: [^\n]*KiB[^\n]*; [^\n]*shorten/,
  ],
  ['an empty file', '', /^list\.csv: the file is empty[^\n]*; export the list again/],
  ['a file of blanks', '\ufeff\r\n  \r\n\t\n', /^list\.csv: the file is empty/],
];

test('a list refused for its content: exit 5, one sentence with place and advice, no call, nothing left', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  let words = '';
  for (const [, content, says] of refusedContents) {
    await writeFile(join(world.cwd, 'list.csv'), content);
    words = failureOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world), 5);
    expect(words).toMatch(says);
    expect(words).toMatch(/^[^\n]+\.$/);
    expect(words).not.toContain(parOf(1));
  }
  const plain = await runProgram(['run', 'job.yaml'], world);
  expectPlainFailure(plain, 5, words);
  const facts = await readLedgerFacts(world.ledger.address);
  expect(facts).toMatchObject({ rows: 0, records: {}, attempts: 0 });
  expect(facts.runs.filter((state) => state !== 'refused')).toEqual([]);
  expect(world.sandbox.calls()).toEqual([]);
  // The same folder, job and ledger take a good list: it was the content that was refused.
  await world.writeList('list.csv', listOf(2));
  expect(summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world))).toMatchObject({
    exitCode: 0,
    calls: 2,
  });
});

test('no such list, or a folder in its place: exit 2', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  expect(failureOf(await runProgram(['run', 'job.yaml', '--json'], world), 2)).toMatch(
    /^There is no file .*list\.csv; /,
  );
  await mkdir(join(world.cwd, 'list.csv'));
  expect(failureOf(await runProgram(['run', 'job.yaml', '--json'], world), 2)).toMatch(
    /list\.csv is a folder; /,
  );
  const plain = await runProgram(['run', 'job.yaml', '--quiet'], world);
  expect(plain).toMatchObject({ exitCode: 2, stdout: '' });
  expect(plain.stderr).toMatch(/^kona-enroll: [^\n]*is a folder[^\n]*\n$/);
  expect(await readLedgerFacts(world.ledger.address)).toMatchObject({ runs: [], records: {} });
  expect(world.sandbox.calls()).toEqual([]);
});

describe.each(ledgerEngines)('a list refused in the middle of staging ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('leaves nothing behind, and the run that was unfinished before can still be continued', async () => {
    await using world = await createWorld({ engine });
    const list = listOf(10);
    await world.writeList('list.csv', list);
    const begun = summaryOf(
      await runProgram(['run', 'job.yaml', '--json', '--quiet', '--limit', '3'], world),
    );
    expect(begun).toMatchObject({ exitCode: 6, calls: 3 });
    const before = await readLedgerFacts(world.ledger.address);

    await world.writeList('list.csv', `${listOf(5_000)}77,"${parOf(7)},open\n`);
    const words = failureOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world), 5);
    expect(words).toMatch(/^list\.csv, line 5002, column 2: a quote is opened here and never closed; /);
    expect(await readLedgerFacts(world.ledger.address)).toEqual({ ...before, runs: ['stopped', 'refused'] });
    expect(world.sandbox.calls()).toHaveLength(3);

    await world.writeList('list.csv', list);
    const ended = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
    expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, calls: 10 });
    expect(world.sandbox.calls()).toHaveLength(10);
  });
});

test('rows with more or fewer cells are rejected, the list goes on, and 19 digits arrive as they are', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const rows = [
    `${userIdOf(999_999)},${parOf(1)},largest`,
    userIdOf(2),
    `${userIdOf(3)},${parOf(3)},one,more`,
    `9007199254740993,${parOf(4)},no double holds it`,
    '',
    `7,${parOf(5)},last`,
  ];
  await world.writeList('list.csv', `user_id,par,name\n${rows.join('\n')}\n`);
  const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
  expect(summary).toMatchObject({ exitCode: 3, list: { rowsRead: 5 }, calls: 3 });
  expect(classesOf(summary)).toEqual({ enrolled: 3, rejected: 2 });
  expect(userIdOf(999_999)).toBe('9999999999999999999');
  const sent = world.sandbox.calls().map((call) => `${call.userId} ${call.par}`);
  expect(sent.toSorted()).toEqual(
    [`7 ${parOf(5)}`, `9007199254740993 ${parOf(4)}`, `9999999999999999999 ${parOf(1)}`].toSorted(),
  );
  const rejected = (await world.readReport(summary.runId, 'rejected.csv')).trimEnd().split('\r\n').slice(1);
  expect(rejected).toHaveLength(2);
  for (const [index, line] of rejected.entries()) {
    expect(line).toContain(userIdOf(index + 2));
    expect(line).toContain(`,${index + 3},rejected,cells,`);
  }
});

test('a header without rows is a run of zero rows that says so: exit 0', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', 'user_id,par\n\n');
  const plain = await runProgram(['run', 'job.yaml'], world);
  expect(plain.exitCode).toBe(0);
  expect(plain.stdout).toContain('the list has a header and no rows: nothing to do\n');
  const quiet = await runProgram(['run', 'job.yaml', '--quiet'], world);
  expect(quiet).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
  expect(summary).toMatchObject({
    exitCode: 0,
    exitCause: 'empty_list',
    state: 'complete',
    calls: 0,
    list: { rowsRead: 0 },
  });
  expect(await world.readReport(summary.runId, 'results.csv')).toMatch(
    /^\ufeffuser_id,par,line,class,[^\n]*\r\n$/,
  );
  expect(world.sandbox.calls()).toEqual([]);
});
