import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramOptions } from '../support/program.ts';
import { classesOf, type RunSummary } from './program-output.ts';

type Row = readonly [member: number, card: number];

function rows(...pairs: readonly Row[]): string {
  const lines = pairs.map(([member, card]) => `${userIdOf(member)},${parOf(card)}\n`);
  return `user_id,par\n${lines.join('')}`;
}

/** Card 1 has another member in each of the first two lists; the third list has no header that can be found. */
async function setup(engine = embeddedEngine) {
  const world = await createWorld({ engine });
  await world.writeJob('glob', 'list.csv', '"*-list.csv"');
  await world.writeList('a-list.csv', rows([1, 1], [2, 2]));
  await world.writeList('b-list.csv', rows([3, 3], [4, 1], [2, 2]));
  await world.writeList('c-list.csv', `a,b\n${userIdOf(5)},${parOf(3)}\n`);
  return world;
}

interface Refused {
  readonly error: string;
  readonly exitCode: number;
}

interface Several<Entry> {
  readonly exitCode: number;
  readonly runs: readonly (Entry & Refused)[];
}

async function start(world: EnrolmentWorld, options: Partial<ProgramOptions> = {}) {
  const end = await runProgram(['run', 'glob.yaml', '--json'], { ...world, ...options });
  return { end, ...(end.stdout === '' ? {} : (JSON.parse(end.stdout) as Partial<Several<RunSummary>>)) };
}

/** Cards that the provider was ever asked for. */
function cardsCalled(world: EnrolmentWorld): number[] {
  return [1, 2, 3, 6].filter((card) => world.sandbox.truth().some(({ par }) => par === parOf(card)));
}

async function statesOf(world: EnrolmentWorld): Promise<string[]> {
  const ledger = await openLedger(world.ledger.address);
  const runs = await ledger.query<{ state: string }>('select state from run order by run_no');
  await ledger.close();
  return runs.map(({ state }) => state);
}

describe.each(ledgerEngines)('the lists of one start ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('dispute each other’s cards before the first call; a refused one stops no other and disputes nothing', async () => {
    await using world = await setup(engine);
    const planned = await runProgram(['plan', 'glob.yaml', '--json'], world);
    const { plans = [] } = JSON.parse(planned.stdout) as { plans?: { classes: object; error?: string }[] };
    expect(plans.slice(0, 2).map(({ classes }) => classes)).toEqual([
      expect.objectContaining({ disputed: 1, unprocessed: 1 }),
      expect.objectContaining({ disputed: 1, unprocessed: 2 }),
    ]);
    expect(plans[2]?.error).toContain('c-list.csv');
    expect(world.sandbox.calls()).toEqual([]);

    const first = await start(world);
    expect(first).toMatchObject({ exitCode: 5, end: { exitCode: 5 } });
    const [a, b, c] = first.runs ?? [];
    expect(a && classesOf(a)).toEqual({ enrolled: 1, disputed: 1 });
    expect(b && classesOf(b)).toEqual({ enrolled: 1, already_done: 1, disputed: 1 });
    expect(c).toMatchObject({ exitCode: 5, exitCause: 'list_refused' });
    expect(cardsCalled(world)).toEqual([2, 3]);
    expect(await statesOf(world)).toEqual(['complete', 'complete']);
    expect(await world.readReport(a?.runId ?? '', 'rejected.csv')).toContain(
      'several user ids for this PAR in the list, or in another list of the same start',
    );

    // With one of the two gone, whose card it is is no question any more.
    await rm(join(world.cwd, 'b-list.csv'));
    await rm(join(world.cwd, 'c-list.csv'));
    const alone = await runProgram(['run', 'glob.yaml', '--json'], world);
    expect(classesOf(JSON.parse(alone.stdout) as RunSummary)).toEqual({ enrolled: 1, already_done: 1 });
  });

  it('killed while they are read, or between their turns, the same command reads what had no turn again', async () => {
    await using world = await setup(engine);
    await rm(join(world.cwd, 'c-list.csv'));
    const reading = await start(world, { point: { name: 'rows_staged', count: 2, action: 'SIGKILL' } });
    expect(reading.end.signal).toBe('SIGKILL');
    expect(world.sandbox.calls()).toEqual([]);
    expect(await statesOf(world)).toEqual(['staging', 'staging']);
    const calling = await start(world, { point: { name: 'answered', count: 1, action: 'SIGKILL' } });
    expect(calling.end.signal).toBe('SIGKILL');
    expect(await statesOf(world)).toEqual(['dispatching', 'staging']);

    // A list that came meanwhile disputes what the unfinished run has not called, and changes nothing of what it has.
    await world.writeList('d-list.csv', rows([7, 6], [8, 2]));
    const rest = await start(world);
    expect(rest.exitCode).toBe(3);
    const [a, b, d] = rest.runs ?? [];
    const { disputed: ofA } = a === undefined ? {} : classesOf(a);
    expect(ofA).toBe(1);
    expect(b && classesOf(b)).toMatchObject({ disputed: 2, enrolled: 1 });
    expect(d && classesOf(d)).toEqual({ enrolled: 1, disputed: 1 });
    expect(cardsCalled(world)).toEqual([2, 3, 6]);
    expect(await statesOf(world)).toEqual(['complete', 'complete', 'complete']);
  });

  it('a stop in the first leaves none of the others behind', async () => {
    await using world = await setup(engine);
    await world.writeList('a-list.csv', rows([1, 11], [2, 12], [3, 13]));
    const stopped = await runProgram(['run', 'glob.yaml', '--json', '--limit', '1'], world);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ exitCode: 6 });
    expect(await statesOf(world)).toEqual(['stopped']);
  });
});
