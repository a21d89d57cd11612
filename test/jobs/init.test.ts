import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorkplace } from '../config/workplace.ts';
import { setup as createSource } from '../intake/postgres/postgres-world.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { failureOf } from './program-output.ts';

const lists = [
  ['a CSV list', ['--csv', 'members.csv'], 'members'],
  ['a workbook', ['--excel', 'members.xlsx'], 'members'],
  ['an inbox', ['--inbox', 'inbox'], 'inbox'],
] as const;

test.each(lists)('%s for the simulator: doctor and plan pass at once', async (_name, flags, job) => {
  await using world = await createWorld({ engine: embeddedEngine });
  const { cwd } = world;
  const env = { DATABASE_URL: world.ledger.databaseUrl };
  const before = new Set(await readdir(cwd));
  const made = await runProgram(['init', ...flags, '--base-url', 'sandbox'], { cwd, env });
  expect(made).toMatchObject({ exitCode: 0, stderr: '' });
  const file = `${job}.yaml`;
  expect(made.stdout).toContain(`Next: kona-enroll doctor ${file}\nthen: kona-enroll plan ${file}\n`);
  expect(made.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const written = (await readdir(cwd)).filter((name) => !before.has(name));
  expect(written.toSorted()).toEqual([...new Set(['.env', file, flags[1]])].toSorted());
  expect((await stat(join(cwd, '.env'))).mode & 0o777).toBe(0o600);
  const doctor = await runProgram(['doctor', file], { cwd, env });
  expect([doctor.exitCode, doctor.stdout]).toEqual([0, expect.not.stringMatching(/^fail/m)]);
  const plan = await runProgram(['plan', file], { cwd, env });
  expect([plan.exitCode, plan.stdout]).toEqual([0, expect.not.stringContaining('refused')]);
});

test('the real provider: with its keys in .env doctor and plan pass', async () => {
  await using world = await createWorld({ engine: embeddedEngine, encryption: 'required' });
  const { cwd, sandbox } = world;
  await world.writeList('members.csv', listOf(3));
  const env = { DATABASE_URL: world.ledger.databaseUrl };
  const flags = ['--csv', 'members.csv', '--base-url', sandbox.baseUrl, '--provider-name', 'kp'];
  const made = await runProgram(['init', 'nightly.yaml', ...flags, '--rate', '7/s', '--json'], { cwd, env });
  expect(JSON.parse(made.stdout)).toMatchObject({
    job: 'nightly',
    jobFile: 'nightly.yaml',
    kept: [],
    missing: [],
  });
  const unset = await runProgram(['doctor', 'nightly.yaml'], { cwd, env });
  expect(unset.exitCode).toBe(2);
  expect(unset.stdout).toMatch(/^fail +keys +not set: KONA_ASP_ID, KONA_ACCESS_KEY,/m);
  // As a person does: each value behind the name that waits for it.
  const dotEnv = join(cwd, '.env');
  const filled = (await readFile(dotEnv, 'utf8')).replaceAll(
    /^(?<name>KONA_\w+)=$/gm,
    (_line, name: string) => `${name}='${world.env[name] ?? ''}'`,
  );
  await writeFile(dotEnv, filled);
  const doctor = await runProgram(['doctor', 'nightly.yaml'], { cwd, env });
  expect([doctor.exitCode, doctor.stdout]).toEqual([0, expect.not.stringMatching(/^fail/m)]);
  const plan = await runProgram(['plan', 'nightly.yaml'], { cwd, env });
  expect(plan.stdout).toContain('3 to call at kp: 3 never called yet');
  expect(plan.stdout).toContain('At 7/s');
  expect(plan.exitCode).toBe(0);
});

(serverEngine.missing ? test.skip : test)(
  'a table of a Postgres database: plan passes (server Postgres)',
  async () => {
    await using world = await createWorld({ engine: serverEngine });
    await using source = await createSource(`
    create table members (user_id numeric(19) not null, par text not null);
    insert into members values (9999999999999000001, 'PAR000000000000000000000001')`);
    const { cwd } = world;
    const env = { DATABASE_URL: world.ledger.databaseUrl };
    const flags = ['--table', 'members', '--base-url', 'sandbox'];
    const made = await runProgram(['init', ...flags], { cwd, env });
    expect(made.exitCode).toBe(0);
    expect(made.stdout).toContain('Write the URL of the source database into .env');
    const unset = await runProgram(['plan', 'members.yaml'], { cwd, env });
    expect(unset.stderr).toContain('the environment variable SOURCE_DATABASE_URL is not set');
    const dotEnv = join(cwd, '.env');
    await writeFile(
      dotEnv,
      (await readFile(dotEnv, 'utf8')).replace('SOURCE_DATABASE_URL=', `SOURCE_DATABASE_URL='${source.url}'`),
    );
    const doctor = await runProgram(['doctor', 'members.yaml'], { cwd, env });
    expect(doctor.stdout).toMatch(/^ok +list +table members on /m);
    expect(doctor.exitCode).toBe(0);
    const plan = await runProgram(['plan', 'members.yaml'], { cwd, env });
    expect([plan.exitCode, plan.stdout]).toEqual([0, expect.stringContaining('1 to call at sandbox')]);
  },
);

test('nothing is overwritten: a job file that is there ends it, a .env and a list stay', async () => {
  const { cwd, write } = await createWorkplace();
  await write('.env', 'KONA_ASP_ID=mine\n');
  await write('members.csv', 'mine');
  const init = ['init', '--csv', 'members.csv', '--base-url', 'sandbox'] as const;
  const made = await runProgram(init, { cwd });
  expect(made.stdout).toMatch(/^ +\.env +existed, and stays as it is$/m);
  expect(await readFile(join(cwd, '.env'), 'utf8')).toBe('KONA_ASP_ID=mine\n');
  expect(await readFile(join(cwd, 'members.csv'), 'utf8')).toBe('mine');
  await write('members.yaml', 'mine');
  const there = 'members.yaml exists already, and nothing is overwritten; name another file';
  for (const argv of [init, ['init', 'members.yaml', ...init.slice(1)]]) {
    const again = await runProgram(argv, { cwd });
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining(there)]);
  }
  expect(await readFile(join(cwd, 'members.yaml'), 'utf8')).toBe('mine');
});

test('where one file can’t be written, none is left', async () => {
  const { cwd } = await createWorkplace();
  // Not even root may make a folder of a name that is longer than the system takes.
  const long = 'i'.repeat(256);
  const argv = ['init', 'desk.yaml', '--inbox', long, '--base-url', 'sandbox', '--json'];
  const told = failureOf(await runProgram(argv, { cwd }), 2);
  expect(told).toMatch(/^i+ can't be written \(ENAMETOOLONG\), and nothing was left/);
  expect(await readdir(cwd)).toEqual([]);
});

test.each(['lists/members.csv', '*.csv'])('a list that is not there is named, not made: %s', async (list) => {
  const { cwd, write } = await createWorkplace();
  const init = ['init', '--csv', list, '--base-url', 'sandbox', '--job'];
  const made = await runProgram([...init, 'members'], { cwd });
  expect(made.stdout).toContain(`Put the list in its place: there is no ${list} yet.`);
  expect((await readdir(cwd)).toSorted()).toEqual(['.env', 'members.yaml']);
  await write(list.replace('*', 'today'), 'user_id,par\n');
  const found = await runProgram([...init, 'again'], { cwd });
  expect(found.stdout).not.toContain('Put the list');
});

test('without a terminal and without flags it says which flags it wants', async () => {
  const { cwd } = await createWorkplace();
  const end = await runProgram(['init'], { cwd });
  expect(end.exitCode).toBe(2);
  expect(end.stderr).toContain('--csv FILE (or --excel, --inbox, --query, --table) and --base-url ADDRESS');
  const half = await runProgram(['init', '--csv', 'members.csv', '--json'], { cwd });
  expect(failureOf(half, 2)).toBe(
    'init can ask questions only at a terminal; give the missing answers as flags: --base-url ADDRESS (or --base-url sandbox, the simulator)',
  );
  expect(await readdir(cwd)).toEqual([]);
});

const wrongFlags = [
  [['--csv', 'a.csv', '--inbox', 'b'], '--csv and --inbox: a job has one kind of list'],
  [['--csv', 'a.csv', '--rate', 'fast'], '--rate: expected a rate such as 20/s'],
  [['--csv', 'a.csv', '--job', 'A b'], '--job: expected 1 to 64 of a-z'],
  [['--csv', 'a.csv', '--lang', 'fr'], '--lang: expected ko or en'],
  [['--csv', '$NOT_SET'], 'list.csv: the environment variable NOT_SET is not set'],
  [['a.json', '--csv', 'a.csv'], 'a.json: expected the name of a job file (.yaml)'],
] as const;

test.each(wrongFlags)('%j is refused, and nothing is written', async (flags, told) => {
  const { cwd } = await createWorkplace();
  const end = await runProgram(['init', '--base-url', 'sandbox', ...flags], { cwd });
  expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining(told)]);
  expect(await readdir(cwd)).toEqual([]);
});
