import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProcess, runProgram, startProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

const RECORDS = 30;

test.skipIf(!existsSync('/dev/full'))(
  'a run whose result finds no room on stdout is done, and ends 8: the script must not think it has read it',
  async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', listOf(RECORDS));
    await using full = await open('/dev/full', 'w');
    const end = await runProcess(['run', 'job.yaml', '--json'], { ...world, stdout: full.fd });
    expect(end.exitCode).toBe(8);
    expect(end.stderr).toContain('Standard output can not be written');
    expect(world.sandbox.calls()).toHaveLength(RECORDS);

    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    expect(summary).toMatchObject({ exitCode: 0, state: 'complete' });
    expect(classesOf(summary)).toEqual({ already_done: RECORDS });
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
  },
);

test.each([
  { what: 'every member is enrolled', list: listOf(RECORDS), exitCode: 0 },
  { what: 'a row is rejected', list: `${listOf(RECORDS)}${userIdOf(90)},short\n`, exitCode: 3 },
])(
  'a reader of stdout that leaves stops no run, whose own exit stands: $what',
  async ({ list, exitCode }) => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', list);
    const program = startProgram(['run', 'job.yaml'], world);
    program.stopReading();
    const end = await program.ended;
    expect(end.exitCode).toBe(exitCode);
    expect(end.stderr).not.toContain('can not be written');
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
  },
);

test('of a glob the file whose ending is in capitals is called too, and what lies beside it is told', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeJob('glob', 'list.csv', '"in-*.csv"');
  await world.writeList('in-a.csv', `user_id,par\n${userIdOf(1)},${parOf(1)}\n`);
  await world.writeList('in-B.CSV', `user_id,par\n${userIdOf(2)},${parOf(2)}\n`);
  await world.writeList('IN-C.csv', `user_id,par\n${userIdOf(3)},${parOf(3)}\n`);
  const told = [
    'warning: list.csv: in-B.CSV is read: its ending differs from in-*.csv only in letter case\n',
    'warning: list.csv: IN-C.csv is not read: it differs from in-*.csv only in letter case;',
  ];
  for (const command of ['plan', 'run']) {
    const end = await runProgram([command, 'glob.yaml'], world);
    expect(end.exitCode).toBe(0);
    for (const sentence of told) expect(end.stderr.split(sentence)).toHaveLength(2);
  }
  expect(world.sandbox.calls()).toHaveLength(2);
});
