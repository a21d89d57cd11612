import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorld, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';

type Line = Readonly<Record<string, unknown>>;

/** Lines of the log, oldest first. Each has its time with an offset, a level, its run and its job. */
async function readLog(world: Pick<EnrolmentWorld, 'cwd'>, folder = 'runs'): Promise<Line[]> {
  const logs = join(world.cwd, folder, 'logs');
  const files = (await readdir(logs)).toSorted();
  const texts = await Promise.all(files.map(async (name) => await readFile(join(logs, name), 'utf8')));
  const lines = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Line);
  for (const line of lines) {
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00$/);
    expect(Object.keys(line)).toEqual(expect.arrayContaining(['level', 'run', 'job', 'msg']));
  }
  return lines;
}

const members = ['user_id,par', '10000000001,Q1MEMBER0000000000000000001', ''].join('\n');

test('what begins no run leaves a line: ledger down, refused list, wrong job file, no such file', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', 'a,b\n1,2\n');
  const down = { ...world, env: { ...world.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' } };
  await runProgram(['run', 'job.yaml'], down);
  await runProgram(['run', 'job.yaml'], world);
  await writeFile(join(world.cwd, 'wrong.yaml'), 'job: 5\n');
  await runProgram(['run', 'wrong.yaml'], world);
  await runProgram(['retry', '--run', 'none'], world);
  const lines = await readLog(world);
  expect(lines.filter(({ msg }) => msg === 'failed')).toMatchObject([
    { level: 'error', job: 'proof', run: null, exitCode: 8, exitCause: 'ledger_gone', command: 'run' },
    {
      exitCode: 5,
      exitCause: 'list_refused',
      job: 'proof',
      reason: expect.stringContaining('list.csv') as string,
    },
    { exitCode: 2, exitCause: 'usage', job: null, reason: expect.stringContaining('wrong.yaml') as string },
    { exitCode: 2, exitCause: 'usage', command: 'retry' },
  ]);
});

test('the line is where the runs would be, also where only --reports says so', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await runProgram(['run', 'gone.yaml', '--reports', 'elsewhere'], world);
  expect(await readLog(world, 'elsewhere')).toMatchObject([{ msg: 'failed', exitCode: 2 }]);
});

test('commands that only look leave none', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await runProgram(['status', 'none'], world);
  await runProgram(['plan', 'gone.yaml'], world);
  expect(await readdir(world.cwd)).not.toContain('runs');
});

test("every line of a run names it, and its end says why; the provider's silence has its cause", async () => {
  await using world = await createWorld({
    engine: embeddedEngine,
    job: ['limits: { rate: 1000/s, concurrency: 1, timeout: 1s }', 'retry: { backoff: 10ms..20ms }'].join(
      '\n',
    ),
  });
  await world.writeList('list.csv', members);
  const away = { ...world, env: { ...world.env, KONA_BASE_URL: 'http://127.0.0.1:1' } };
  await runProgram(['run', 'job.yaml'], away);
  const lines = await readLog(world);
  const runId = lines.at(-1)?.['run'];
  expect(lines.map(({ run }) => run)).toEqual(lines.map(() => runId));
  expect(lines).toContainEqual(
    expect.objectContaining({
      msg: 'the provider does not answer',
      last: expect.stringContaining('ECONNREFUSED') as string,
    }),
  );
  expect(lines.at(-1)).toMatchObject({
    msg: 'run folder written',
    // Somebody must look today.
    level: 'warn',
    exitCode: 7,
    exitCause: 'provider_silent',
  });
  await runProgram(['run', 'job.yaml'], world);
  const later = (await readLog(world)).slice(lines.length);
  expect(later[0]).toMatchObject({ msg: 'run continued', run: runId, state: 'stopped', callsMaybeSent: 0 });
  expect(later.at(-1)).toMatchObject({ msg: 'run folder written', exitCause: 'done', level: 'info' });
});
