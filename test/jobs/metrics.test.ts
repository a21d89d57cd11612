import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { parseExposition } from '../service/metrics/exposition.ts';
import { summaryOf } from './program-output.ts';

const run = ['run', 'job.yaml', '--json'];
const textfile = 'metrics: { textfile: told/kona_enroll.prom }';
const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(2)}, answer: "007_031" }\n`);

async function setup(engine = embeddedEngine, job = textfile): Promise<EnrolmentWorld> {
  const world = await createWorld({ engine, sandbox: { fixtures }, job: `guards: { canary: 0 }\n${job}` });
  await mkdir(join(world.cwd, 'told'));
  await world.writeList('list.csv', listOf(5));
  return world;
}

function fileOf(world: EnrolmentWorld): string {
  return join(world.cwd, 'told', 'kona_enroll.prom');
}

async function readMetrics(world: EnrolmentWorld): Promise<ReadonlyMap<string, number>> {
  return parseExposition(await readFile(fileOf(world), 'utf8'));
}

function causeOf(metrics: ReadonlyMap<string, number>): readonly string[] {
  return [...metrics].flatMap(([series, value]) => {
    const cause = /last_start_exit_cause\{job_name="proof",cause="(\w+)"\}/.exec(series)?.[1];
    return cause === undefined || value !== 1 ? [] : [cause];
  });
}

const succeeded = 'kona_enroll_last_success_timestamp_seconds{job_name="proof"}';
const rows = (name: string): string => `kona_enroll_last_start_rows{job_name="proof",class="${name}"}`;

describe.each(ledgerEngines)('the text file ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('says after each start what its runs came to, and keeps the success when the next start fails', async () => {
    await using world = await setup(engine);
    summaryOf(await runProgram(run, world));
    const first = await readMetrics(world);
    expect(causeOf(first)).toEqual(['not_enrolled']);
    expect(first.get(rows('enrolled'))).toBe(4);
    expect(first.get(rows('action_required'))).toBe(1);
    expect(first.get('kona_enroll_last_start_calls{job_name="proof",call="register"}')).toBe(5);
    expect(first.get('kona_enroll_ledger_up')).toBe(1);
    expect(first.get('kona_enroll_oldest_open_record_timestamp_seconds{job_name="proof"}')).toBeGreaterThan(
      Date.now() / 1_000 - 600,
    );
    expect(first.get(succeeded)).toBeGreaterThan(0);

    await world.writeList('list.csv', 'user_id,par\n"1');
    expect((await runProgram(run, world)).exitCode).toBe(5);
    const second = await readMetrics(world);
    expect(causeOf(second)).toEqual(['list_refused']);
    expect(second.get(rows('enrolled'))).toBe(4);
    expect(second.get(succeeded)).toBe(first.get(succeeded));
    // Nothing is left of the drafts.
    expect(await readdir(join(world.cwd, 'told'))).toEqual(['kona_enroll.prom']);
  });
});

test('others can read it whatever the umask, and no id or path is in it', async () => {
  await using world = await setup();
  const before = process.umask(0o077);
  try {
    await runProgram(run, world);
  } finally {
    process.umask(before);
  }
  expect((await stat(fileOf(world))).mode & 0o777).toBe(0o644);
  const text = await readFile(fileOf(world), 'utf8');
  for (const secret of [parOf(2), userIdOf(2), world.cwd]) expect(text).not.toContain(secret);
});

test('what keeps it from being written changes nothing of the run and is told once', async () => {
  await using world = await setup();
  await rm(join(world.cwd, 'told'), { recursive: true });
  const end = await runProgram(run, world);
  expect(summaryOf(end)).toMatchObject({ exitCode: 3, calls: 5 });
  expect(end.stderr.match(/metrics\.textfile .* could not be written: ENOENT/g)).toHaveLength(1);
  expect((await runProgram([...run, '--quiet'], world)).stderr).not.toContain('metrics');
});

test('what stands in its place stays, and no draft is left', async () => {
  await using world = await setup();
  await mkdir(fileOf(world));
  const end = await runProgram(run, world);
  expect(summaryOf(end)).toMatchObject({ exitCode: 3, calls: 5 });
  expect(end.stderr).toContain('could not be written: EISDIR');
  expect(await readdir(join(world.cwd, 'told'))).toEqual(['kona_enroll.prom']);
});

test('a ledger that can not be had is told without it', async () => {
  await using world = await setup();
  const env = { ...world.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  expect((await runProgram(run, { ...world, env })).exitCode).toBe(8);
  const metrics = await readMetrics(world);
  expect(metrics.get('kona_enroll_ledger_up')).toBe(0);
  expect(causeOf(metrics)).toEqual(['ledger_gone']);
});

test('a job file with no use for it is refused', async () => {
  for (const written of ['metrics: {}', 'metrics: { textfile: kona.txt }', 'metrics: { file: a.prom }']) {
    await using world = await setup(embeddedEngine, written);
    const end = await runProgram(run, world);
    expect(end.exitCode).toBe(2);
    expect(end.stdout).toMatch(/job\.yaml:\d+:\d+: metrics/);
  }
});

test.skipIf(serverEngine.missing)('a retry with the job file writes it, one without does not', async () => {
  await using world = await setup(serverEngine);
  await runProgram(run, world);
  await rm(fileOf(world));
  await runProgram(['retry', '--json', '--class', 'action_required'], world);
  expect(await readdir(join(world.cwd, 'told'))).toEqual([]);
  await runProgram(['retry', '--json', '--class', 'action_required', '--job-file', 'job.yaml'], world);
  const metrics = await readMetrics(world);
  expect([...metrics.keys()].some((series) => series.includes('class="action_required"'))).toBe(true);
});
