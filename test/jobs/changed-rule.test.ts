import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { joinFlowed } from '../support/flowed-screen.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

const fixtures = parseFixtures(
  [
    'cards:',
    `  - { par: ${parOf(1)}, answer: "009_999" }`,
    `  - { par: ${parOf(2)}, answer: "007_031" }`,
    '',
  ].join('\n'),
);

async function setup() {
  const world = await createWorld({ engine: embeddedEngine, sandbox: { fixtures } });
  await world.writeList('list.csv', listOf(3));
  return world;
}

test('a code nobody knew: parked with its words; after the rule was written, retry --code asks again', async () => {
  await using world = await setup();
  const first = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
  expect(classesOf(first)).toEqual({ enrolled: 1, action_required: 1, unknown_code: 1 });

  const explained = await runProgram(['explain', userIdOf(1)], world);
  expect(joinFlowed(explained.stdout)).toMatch(
    /→ unknown_code \(009_999 [^\n]+\)\n {4}it wrote: +\{"response":\{"code":"009_999"/,
  );
  const enrolled = await runProgram(['explain', userIdOf(3)], world);
  expect(enrolled.stdout).not.toContain('it wrote');

  await appendFile(join(world.cwd, 'job.yaml'), 'outcomes: { "009_999": bad_data }\n');
  const retry = ['retry', '--code', '009_999', '--json'];
  const old = summaryOf(await runProgram(retry, world));
  expect(classesOf(old)).toEqual({ unknown_code: 1 });
  const run = ['--run', first.runId, '--job-file', 'job.yaml'];
  const second = summaryOf(await runProgram([...retry, ...run], world));
  expect(classesOf(second)).toEqual({ bad_data: 1 });
  expect(second.calls).toBe(1);
  expect(first.givenClasses).toEqual([]);
  expect(second.givenClasses).toEqual([{ by: 'job_file', code: '009_999', class: 'bad_data', rows: 1 }]);

  // The next list keeps the class, and the mark with it.
  await world.writeList('list.csv', listOf(4));
  const third = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--yes'], world));
  expect(classesOf(third)).toMatchObject({ already_done: 1, bad_data: 1, enrolled: 1 });
  expect(third.givenClasses).toEqual(second.givenClasses);
});

test('--job-file of another job or another provider is refused', async () => {
  await using world = await setup();
  await runProgram(['run', 'job.yaml', '--json'], world);
  await world.writeList('other.yaml', 'job: other\nlist: { csv: list.csv }\nprovider: sandbox\n');
  await world.writeList('moved.yaml', 'job: proof\nlist: { csv: list.csv }\nprovider: sandbox\n');
  const retry = async (file: string): Promise<string> =>
    failureOf(await runProgram(['retry', '--job-file', file, '--json'], world), 2);
  expect(await retry('other.yaml')).toMatch(/is of job proof, not of other$/);
  expect(await retry('moved.yaml')).toMatch(/belongs to the provider "truth", not to "sandbox"$/);
  expect(await retry('list.csv')).toMatch(/expected a job file/);
  expect(await retry('nowhere.yaml')).toMatch(/^no such file/);
});
