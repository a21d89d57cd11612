import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFixtures, parseFixtures, type Fixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { classesOf, summaryOf, type RunSummary } from './program-output.ts';

const CONCURRENCY = 4;
/** A success gives its slot back before it is weighed: so many calls may have left when the 200th is. */
const MOST_UNWEIGHED = 2 * CONCURRENCY;

interface GuardedList {
  readonly records: number;
  readonly guards: string;
  readonly fixtures: Fixtures;
}

async function createGuarded(
  { records, guards, fixtures }: GuardedList,
  engine = embeddedEngine,
): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine,
    sandbox: { fixtures },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }\nguards: ${guards}`,
  });
  await world.writeList('list.csv', listOf(records));
  return world;
}

/** Members whose number is a multiple of `every` are answered `code`. */
function every(step: number, code: string, records: number): Fixtures {
  const cards = Array.from({ length: Math.floor(records / step) }, (_, index) => {
    return `  - { par: ${parOf((index + 1) * step)}, answer: "${code}" }`;
  });
  return parseFixtures(`cards:\n${cards.join('\n')}\n`);
}

async function run(world: EnrolmentWorld): Promise<RunSummary> {
  return summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
}

describe.each(ledgerEngines)('guards.maxFailures ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('stops a list of which too many fail; the same command goes on, and stops again', async () => {
    const records = 450;
    await using world = await createGuarded(
      { records, guards: '{ canary: 0 }', fixtures: every(10, '001_003', records) },
      engine,
    );
    const first = await run(world);
    expect(first).toMatchObject({ exitCode: 6, state: 'stopped' });
    expect(first.exitReason).toMatch(
      /^stopped by guards\.maxFailures \(5%\): 2\d of 2\d\d records failed, \d+\.\d% \(bad_data 2\d\)$/,
    );
    expect(first.calls).toBeGreaterThanOrEqual(200);
    expect(first.calls).toBeLessThan(200 + MOST_UNWEIGHED);
    expect(first.classes['unprocessed']).toBe(records - first.calls);

    const second = await run(world);
    expect(second).toMatchObject({ exitCode: 6, runId: first.runId });
    expect(second.calls - first.calls).toBeLessThan(200 + MOST_UNWEIGHED);
    const third = await run(world);
    expect(third).toMatchObject({ exitCode: 3, runId: first.runId, state: 'complete', calls: records });
    expect(classesOf(third)).toEqual({ enrolled: records - 45, bad_data: 45 });
    expect(world.sandbox.calls()).toHaveLength(records);
  });
});

test('many short lists are no way around: the calls of all of them are weighed together', async () => {
  const records = 60;
  await using world = await createGuarded({
    records,
    guards: '{ canary: 0, maxFailures: 25 }',
    fixtures: every(1, '001_003', records),
  });
  await world.writeJob('proof', 'list.csv', 'inbox-*.csv');
  const [header = '', ...rows] = listOf(records).trimEnd().split('\n');
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    await world.writeList(
      `inbox-${name}.csv`,
      [header, ...rows.slice(index * 20, index * 20 + 20), ''].join('\n'),
    );
  }
  const end = await runProgram(['run', 'proof.yaml', '--json', '--quiet'], world);
  expect(end.exitCode).toBe(6);
  const { runs } = JSON.parse(end.stdout) as {
    runs: { exitCode: number; exitReason?: string; error?: string }[];
  };
  expect(runs.map(({ exitCode, exitReason, error }) => [exitCode, exitReason ?? error])).toEqual([
    [3, 'complete; 20 rows not enrolled'],
    [6, expect.stringMatching(/^stopped by guards\.maxFailures \(25\): 2[6-9] of 2[6-9] records failed/)],
    [6, '1 list was not begun'],
  ]);
  expect(world.sandbox.calls().length).toBeLessThan(20 + 6 + CONCURRENCY);
});

test('what failed before and is called again at a person’s request may fail again: a retry, a failed.csv handed back', async () => {
  const records = 60;
  await using world = await createGuarded({
    records,
    guards: '{ canary: 0, maxFailures: 100% }',
    fixtures: every(1, '001_003', records),
  });
  const { runId } = await run(world);
  await world.writeJob('proof', 'canary: 0, maxFailures: 100%', 'canary: 20, maxFailures: 3');
  const retry = ['retry', '--run', runId, '--class', 'bad_data', '--job-file', 'proof.yaml'];
  const again = summaryOf(await runProgram([...retry, '--json', '--quiet'], world));
  expect(again).toMatchObject({ exitCode: 3, state: 'complete', calls: records });
  expect(classesOf(again)).toEqual({ bad_data: records });

  await world.writeList('list.csv', await world.readReport(again.runId, 'failed.csv'));
  const handedBack = summaryOf(await runProgram(['run', 'proof.yaml', '--json', '--quiet'], world));
  expect(handedBack).toMatchObject({ exitCode: 3, state: 'complete', calls: records });
});

test('guards.maxUnknownCodes stops at the 21st by default and names the codes; a rule given, the same command goes on', async () => {
  const records = 60;
  await using world = await createGuarded({
    records,
    guards: '{ canary: 0 }\noutcomes: { 111_111: already_active }',
    fixtures: every(2, '009_999', records),
  });
  const stopped = await run(world);
  expect(stopped).toMatchObject({ exitCode: 6, state: 'stopped' });
  expect(stopped.exitReason).toMatch(
    /^stopped by guards\.maxUnknownCodes \(20\): 21 calls were answered with codes that are not in the table \(009_999 21\)$/,
  );
  expect(stopped.calls).toBeLessThan(42 + CONCURRENCY);
  expect(stopped.classes['unprocessed']).toBe(records - stopped.calls);

  const yaml = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
  await writeFile(join(world.cwd, 'job.yaml'), yaml.replace('111_111', '009_999'));
  const ended = await run(world);
  expect(ended).toMatchObject({ exitCode: 4, runId: stopped.runId, state: 'complete', calls: records });
});

test('guards.maxFailures: 100% lets everything fail, and a number stops at one more', async () => {
  const records = 210;
  await using world = await createGuarded({
    records,
    guards: '{ canary: 0, maxFailures: 100% }',
    fixtures: every(1, '007_012', records),
  });
  await world.writeJob('counted', 'maxFailures: 100%', 'maxFailures: 7');
  const counted = summaryOf(await runProgram(['run', 'counted.yaml', '--json', '--quiet'], world));
  expect(counted).toMatchObject({ exitCode: 6 });
  expect(counted.exitReason).toMatch(/^stopped by guards\.maxFailures \(7\): 8 of 8 records failed/);
  expect(counted.calls).toBeLessThan(8 + CONCURRENCY);
  const all = await run(world);
  expect(all).toMatchObject({ exitCode: 3 });
  expect(classesOf(all)).toEqual({ conflict: records });
});

test('a guard that trips at the last record has stopped nothing', async () => {
  await using world = await createGuarded({
    records: 3,
    guards: '{ canary: 0, maxFailures: 0 }',
    fixtures: every(3, '001_003', 3),
  });
  const summary = await run(world);
  expect(summary).toMatchObject({ exitCode: 3, state: 'complete' });
  expect(classesOf(summary)).toEqual({ enrolled: 2, bad_data: 1 });
});

/** Calls all members of the list once more, who are answered as the fixtures have it now. */
async function runAgain(world: EnrolmentWorld, fixtures: Fixtures): Promise<ProgramEnd> {
  world.sandbox.replaceFixtures(fixtures);
  return await runProgram(['run', 'job.yaml', '--again', '--json', '--quiet'], world);
}

describe.each(ledgerEngines)('guards.newlyFailing ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('stops before the rest where members that were well are refused; the same command goes on', async () => {
    const records = 450;
    await using world = await createGuarded(
      { records, guards: '{ canary: 0, maxFailures: 100% }', fixtures: emptyFixtures },
      engine,
    );
    expect(await run(world)).toMatchObject({ exitCode: 0, calls: records });

    const refused = every(5, '001_003', records);
    const first = summaryOf(await runAgain(world, refused));
    expect(first).toMatchObject({ exitCode: 6, exitCause: 'newly_failing', state: 'stopped' });
    expect(first.exitReason).toMatch(
      /^stopped by guards\.newlyFailing \(10%\): (?:39|4\d) of 20\d members that were well are refused now, \d+\.\d% \(bad_data (?:39|4\d)\)$/,
    );
    expect(first.calls).toBeGreaterThanOrEqual(200);
    expect(first.calls).toBeLessThan(200 + MOST_UNWEIGHED);
    expect(first.classes['unprocessed']).toBe(records - first.calls);

    const second = summaryOf(await runAgain(world, refused));
    expect(second).toMatchObject({ exitCode: 6, exitCause: 'newly_failing', runId: first.runId });
    const third = summaryOf(await runAgain(world, refused));
    expect(third).toMatchObject({ exitCode: 3, runId: first.runId, state: 'complete', calls: records });
    expect(third.classes).toMatchObject({ bad_data: 90, unprocessed: 0 });
  });
});

test('guards.newlyFailing lets a share pass that is not exceeded; a wave of action_required is told and stops nothing', async () => {
  const records = 220;
  await using world = await createGuarded({
    records,
    guards: '{ canary: 0, maxFailures: 100% }',
    fixtures: emptyFixtures,
  });
  expect(await run(world)).toMatchObject({ exitCode: 0 });
  const few = await runAgain(world, every(20, '001_003', records));
  expect(summaryOf(few)).toMatchObject({ exitCode: 3, state: 'complete', calls: records });
  expect(few.stderr).not.toContain('must act themselves');

  // The 11 refused before are not called again, and are not well any more.
  const wave = await runAgain(world, every(2, '007_015', records));
  expect(summaryOf(wave)).toMatchObject({ exitCode: 3, state: 'complete', calls: records - 11 });
  expect(wave.stderr).toContain(
    'warning: 99 of 209 members that were well must act themselves now (action_required)',
  );
});

test('guards.newlyFailing looks at nothing below 200 members, and at members who have another card in the list', async () => {
  const records = 205;
  await using world = await createGuarded({
    records,
    guards: '{ canary: 0, maxFailures: 100% }',
    fixtures: emptyFixtures,
  });
  expect(await run(world)).toMatchObject({ exitCode: 0 });
  const otherCards = Array.from({ length: records }, (_, index) => 1_000 + index);
  world.sandbox.replaceFixtures(
    parseFixtures(
      `cards:\n${otherCards.map((card) => `  - { par: ${parOf(card)}, answer: "001_003" }`).join('\n')}\n`,
    ),
  );
  const rows = otherCards.map((card, index) => `${userIdOf(index + 1)},${parOf(card)}`);
  await world.writeList('list.csv', `user_id,par\n${rows.join('\n')}\n`);
  const stopped = await run(world);
  expect(stopped).toMatchObject({ exitCode: 6, exitCause: 'newly_failing', state: 'stopped' });
  expect(stopped.calls).toBeLessThan(200 + CONCURRENCY);

  const short = 199;
  await using fewer = await createGuarded({
    records: short,
    guards: '{ canary: 0, maxFailures: 100% }',
    fixtures: emptyFixtures,
  });
  expect(await run(fewer)).toMatchObject({ exitCode: 0 });
  const ended = summaryOf(await runAgain(fewer, every(1, '001_003', short)));
  expect(ended).toMatchObject({ exitCode: 3, state: 'complete', calls: short });
});
