import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/domain/setup/finding.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';

interface Told {
  readonly exitCode: number;
  readonly exitCause: string;
  readonly findings: readonly Finding[];
}

function toldBy(end: ProgramEnd): Told {
  const told = JSON.parse(end.stdout) as Told;
  expect(end.exitCode).toBe(told.exitCode);
  return told;
}

function levelsOf({ findings }: Told, level: Finding['level']): readonly string[] {
  return findings.filter((one) => one.level === level).map(({ about }) => about);
}

for (const engine of ledgerEngines) {
  const onEngine = engine.missing ? test.skip : test;

  onEngine(`a set-up that is well: exit 0, nothing changed (${engine.name})`, async () => {
    await using world = await createWorld({ engine, encryption: 'required' });
    await world.writeList('list.csv', listOf(3));
    const before = await readdir(world.cwd, { recursive: true });
    const end = await runProgram(['doctor', 'job.yaml', '--json'], world);
    const told = toldBy(end);
    expect(told).toMatchObject({ exitCode: 0, exitCause: 'done' });
    expect(levelsOf(told, 'fail')).toEqual([]);
    const looked = [
      'Node',
      'job file',
      'ledger',
      'list',
      'keys',
      'provider',
      'clock',
      'reports',
      'disk of reports',
      'time zone',
    ];
    expect(levelsOf(told, 'ok')).toEqual(expect.arrayContaining(looked));
    expect(await readdir(world.cwd, { recursive: true })).toEqual(before);
    for (const secret of [world.sandbox.credentials.accessKey, world.sandbox.credentials.secretKey]) {
      expect(end.stdout + end.stderr).not.toContain(secret);
    }
    const shown = await runProgram(['doctor', 'job.yaml'], world);
    expect(shown.stdout).toMatch(/\nNothing prevents a run[;.]/);
    expect(shown.exitCode).toBe(0);
  });
}

test('everything that is wrong is told in one go, in lines of 80 columns', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const file = join(world.cwd, 'list.csv');
  await writeFile(file, 'who,what\n1,2\n');
  await writeFile(join(world.cwd, 'runs'), 'no folder');
  await writeFile(join(world.cwd, '.env'), 'KONA_TIME_ZONE=KST\n');
  await chmod(join(world.cwd, '.env'), 0o644);
  const env = { ...world.env, KONA_ACCESS_KEY: 'x'.repeat(39), DATABASE_URL: 'postgres://127.0.0.1:1/x' };
  const told = toldBy(await runProgram(['doctor', 'job.yaml', '--json'], { ...world, env }));
  expect(told).toMatchObject({ exitCode: 2, exitCause: 'usage' });
  expect(levelsOf(told, 'fail')).toEqual(['keys', '.env', 'ledger', 'list', 'reports']);
  const shown = await runProgram(['doctor', 'job.yaml'], { ...world, env });
  expect(shown.stdout).toMatch(/\n5 to correct before a run/);
  // Paths and addresses are not broken.
  const broken = shown.stdout.split('\n').filter((line) => line.length > 80 && !line.includes('/'));
  expect(broken).toEqual([]);
  expect(shown.stdout).not.toContain('x'.repeat(39));
});

test('--call makes one signed inquiry that registers nobody, and says whether the keys fit', async () => {
  await using world = await createWorld({ engine: embeddedEngine, encryption: 'required' });
  await world.writeList('list.csv', listOf(3));
  const before = await readdir(world.cwd, { recursive: true });
  const told = toldBy(await runProgram(['doctor', 'job.yaml', '--call', '--json'], world));
  expect(told.exitCode).toBe(0);
  const call = told.findings.at(-1);
  expect(call).toMatchObject({ level: 'ok', about: 'call' });
  expect(call?.what).toMatch(/^plans of 99\*+0001, correlation id \d{12}-[0-9a-f]{7}: HTTP 200 000_000;/);
  expect(world.sandbox.calls().map(({ call: kind }) => kind)).toEqual(['plans']);
  expect(await readdir(world.cwd, { recursive: true })).toEqual(before);

  const env = { ...world.env, KONA_SECRET_KEY: 'another' };
  const wrong = toldBy(await runProgram(['doctor', 'job.yaml', '--call', '--json'], { ...world, env }));
  expect(wrong.exitCode).toBe(2);
  expect(levelsOf(wrong, 'fail')).toEqual(['call']);
  const ofNobody = toldBy(await runProgram(['doctor', '--call', '--json'], world));
  expect(ofNobody.findings.at(-1)).toMatchObject({ level: 'warn', about: 'call' });
});

test('a clock that is off is told by the provider’s answer', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', listOf(3));
  const aheadMs = 10 * 60_000;
  const told = toldBy(await runProgram(['doctor', 'job.yaml', '--json'], { ...world, aheadMs }));
  expect(levelsOf(told, 'fail')).toEqual(['clock']);
  expect(told.findings.find(({ about }) => about === 'clock')?.what).toMatch(/10 min apart/);
  expect(world.sandbox.calls()).toEqual([]);
});

test('a ledger that a run has open is well', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', listOf(3));
  const ledger = await openLedger(world.ledger.address);
  try {
    const told = toldBy(await runProgram(['doctor', 'job.yaml', '--json'], world));
    expect(told.exitCode).toBe(0);
    expect(told.findings.find(({ about }) => about === 'ledger')?.level).toBe('ok');
  } finally {
    await ledger.close();
  }
});

test('a word that is no job file, and a flag that is none, are usage errors', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const refused = await runProgram(['doctor', 'list.csv', '--json'], world);
  expect(refused.exitCode).toBe(2);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: 'list.csv: expected a job file (.yaml)' });
  expect((await runProgram(['doctor', '--rate', '1/s'], world)).stderr).toContain('there is no flag --rate');
});

test('what is not there is missed by no check alone: no job file of that name', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const told = toldBy(await runProgram(['doctor', 'other.yaml', '--json'], world));
  expect(levelsOf(told, 'fail')).toContain('job file');
  expect(levelsOf(told, 'ok')).toEqual(expect.arrayContaining(['Node', 'ledger', 'reports']));
});
