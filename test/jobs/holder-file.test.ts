import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

const RECORDS = 60;
const run = ['run', 'job.yaml', '--json', '--quiet'];
/** A device on which every write fails for want of room; not every system has one. */
const FULL = '/dev/full';

interface Obstacle {
  readonly title: string;
  readonly place: (folder: string) => Promise<unknown>;
}

const fullDisk: Obstacle = {
  title: 'no room on the disk',
  place: async (folder) => {
    await symlink(FULL, join(folder, 'holder.json.new'));
  },
};

/** What can stand in the way of the file in which an embedded ledger's holder says how far it is. */
const obstacles: readonly Obstacle[] = [
  {
    title: 'a folder in its place',
    place: async (folder) => await mkdir(join(folder, 'holder.json', 'kept'), { recursive: true }),
  },
  {
    title: 'a folder in the place of its draft',
    place: async (folder) => await mkdir(join(folder, 'holder.json.new')),
  },
  ...(existsSync(FULL) ? [fullDisk] : []),
];

function folderOf(world: { readonly ledger: { readonly databaseUrl: string } }): string {
  return world.ledger.databaseUrl.replace(/^embedded:/, '');
}

describe.each(obstacles)('the progress of an embedded run can not be written: $title', (obstacle) => {
  test('from the start: the run goes on to its end, and so does the next', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', listOf(RECORDS));
    await obstacle.place(folderOf(world));
    const end = await runProgram(run, world);
    expect(end.stderr).toBe('');
    expect(summaryOf(end)).toMatchObject({ exitCode: 0, state: 'complete', calls: RECORDS });
    expect(classesOf(summaryOf(await runProgram(run, world)))).toEqual({ already_done: RECORDS });
    expect((await runProgram(['status'], world)).exitCode).toBe(0);
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
  });
});

test('the progress can not be written from the middle of a run on: it goes on, and a second start is still refused', async () => {
  await using begun = await startRun({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 100 } },
    job: 'limits: { rate: 1000/s, concurrency: 1, timeout: 5s }',
    records: RECORDS,
    until: ['recorded', 2],
    argv: run,
  });
  const { world, program } = begun;
  const holder = join(folderOf(world), 'holder.json');
  // In this order, so that no word of the program comes between.
  await mkdir(`${holder}.new`);
  await rm(holder);
  await mkdir(join(holder, 'kept'), { recursive: true });
  expect(failureOf(await runProgram(run, world), 8)).toContain('is open in another process');
  const end = await program.ended;
  expect(end.stderr.replace(/^reached recorded\n/, '')).toBe('');
  expect(summaryOf(end)).toMatchObject({ exitCode: 0, calls: RECORDS });
});

test('what a dead holder said of itself is not told of the next one', async () => {
  await using begun = await startRun({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 60_000 } },
    job: 'limits: { rate: 1000/s, concurrency: 1, timeout: 60s }',
    records: 1,
    until: ['bytes_left', 1],
  });
  const { world, program } = begun;
  program.kill('SIGKILL');
  await program.ended;
  const folder = folderOf(world);
  expect(JSON.parse(await readFile(join(folder, 'holder.json'), 'utf8'))).toMatchObject({ pid: program.pid });
  // Nothing can be written from here on.
  await rm(join(folder, 'holder.json.new'), { force: true });
  await mkdir(join(folder, 'holder.json.new'));
  await writeFile(join(folder, 'holder.json.new', 'kept'), '');
  const next = await openLedger(world.ledger.address);
  const refused = failureOf(await runProgram(run, world), 8);
  await next.close();
  expect(refused).toContain('is open in another process');
  expect(await readdir(folder)).not.toContain('holder.json');
});
