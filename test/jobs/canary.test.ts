import { describe, expect, test } from 'vitest';
import { parseFixtures, type Fixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf, type RunSummary } from './program-output.ts';

const RECORDS = 200;
const CANARY = 20;
const CONCURRENCY = 4;

/** Unknown to the provider: the PARs of all members numbered from `first` on. */
function unknownFrom(first: number): Fixtures {
  const numbers = Array.from({ length: RECORDS }, (_, index) => index + 1).filter(
    (number) => number >= first,
  );
  return parseFixtures(
    `cards:\n${numbers.map((number) => `  - { par: ${parOf(number)}, answer: "001_003" }`).join('\n')}\n`,
  );
}

async function createList(
  fixtures: Fixtures,
  engine = embeddedEngine,
  records = RECORDS,
): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine,
    sandbox: { fixtures },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }`,
  });
  await world.writeList('list.csv', listOf(records));
  return world;
}

async function run(world: EnrolmentWorld, ...flags: string[]): Promise<RunSummary> {
  return summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet', ...flags], world));
}

/** Rows in the order they were called. */
function rowsCalled(world: EnrolmentWorld): number[] {
  return world.sandbox.calls().map((call) => Number(String(call.par).slice(3)));
}

describe.each(ledgerEngines)('guards.canary ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('stops a wrong list after its first records, spread over it; corrected, the same command goes on', async () => {
    await using world = await createList(unknownFrom(21), engine);
    const begun = await run(world);
    expect(begun).toMatchObject({ exitCode: 6, state: 'stopped' });
    expect(begun.exitReason).toMatch(
      /^stopped by guards\.canary: 11 of the 20 records called first failed \(bad_data 11\); the rest was not called$/,
    );
    expect(begun.calls).toBeLessThanOrEqual(CANARY);
    expect(begun.classes['unprocessed']).toBe(RECORDS - begun.calls);
    const first = rowsCalled(world);
    // Every tenth row, in about the list's order: calls that leave together arrive in any.
    for (const row of first.slice(0, 4)) expect([row % 10, row <= 80]).toEqual([0, true]);
    expect(first.every((row) => row % 10 === 0)).toBe(true);

    // Once more as it is: weighed anew, of the rows that are left.
    const again = await run(world);
    expect(again).toMatchObject({ exitCode: 6, runId: begun.runId });
    expect(again.calls - begun.calls).toBeLessThanOrEqual(CANARY);

    world.sandbox.replaceFixtures(parseFixtures('{}'));
    const ended = await run(world);
    expect(ended).toMatchObject({ exitCode: 3, runId: begun.runId, calls: RECORDS });
    expect(new Set(rowsCalled(world)).size).toBe(RECORDS);
  });

  it('passed, the rest goes at once, in list order, and a continued run does not do it again', async () => {
    await using world = await createList(parseFixtures('{}'), engine);
    const begun = await run(world, '--limit', '60');
    expect(begun).toMatchObject({ exitCode: 6, calls: 60 });
    const rows = rowsCalled(world);
    expect(rows.slice(0, CANARY).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: CANARY }, (_, index) => (index + 1) * 10),
    );
    const rest = rows.slice(CANARY);
    expect(Math.max(...rest)).toBeLessThan(50);

    const ended = await run(world);
    expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, calls: RECORDS });
    const later = rowsCalled(world).slice(60, 60 + CANARY);
    expect(Math.max(...later)).toBeLessThan(60 + 2 * CANARY);
  });
});

test('a list that is hardly longer than the canary has none', async () => {
  await using world = await createList(unknownFrom(1), embeddedEngine, 2 * CANARY);
  const summary = await run(world);
  expect(summary).toMatchObject({ exitCode: 3, state: 'complete' });
  expect(classesOf(summary)).toEqual({ bad_data: 2 * CANARY });
});
