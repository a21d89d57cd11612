import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, failureOf, summaryOf, type RunSummary } from './program-output.ts';

/** The customers of these members must act. */
const fixtures = parseFixtures(
  `cards:\n${[1, 3, 5, 7, 9].map((n) => `  - { par: ${parOf(n)}, answer: "007_031" }\n`).join('')}`,
);

function rows(...members: readonly number[]): string {
  return `user_id,par\n${members.map((n) => `${userIdOf(n)},${parOf(n)}\n`).join('')}`;
}

async function setup(engine = embeddedEngine) {
  const world = await createWorld({ engine, sandbox: { fixtures } });
  await world.writeJob('glob', 'list.csv', '"*-list.csv"');
  await world.writeList('a-list.csv', rows(1, 2));
  await world.writeList('b-list.csv', rows(3, 4));
  await world.writeList('c-list.csv', rows(6));
  return world;
}

interface Several {
  readonly exitCode: number;
  readonly runs: readonly (RunSummary & { readonly job: string; readonly list: { readonly name: string } })[];
}

async function startAll(world: EnrolmentWorld, ...argv: readonly string[]) {
  const end = await runProgram([...argv, '--json'], world);
  return { end, ...(JSON.parse(end.stdout) as Several) };
}

describe.each(ledgerEngines)('retry --job ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('takes every file of a glob, one retry run each, and each record once', async () => {
    await using world = await setup(engine);
    const first = await startAll(world, 'run', 'glob.yaml');
    const [a, b, c] = first.runs.map(({ runId }) => runId);
    expect(first.runs).toHaveLength(3);

    const all = await startAll(world, 'retry', '--job', 'glob');
    expect(all).toMatchObject({ exitCode: 3, end: { exitCode: 3 } });
    expect(all.runs.map(({ job, calls, list }) => ({ job, calls, name: list.name }))).toEqual([
      { job: 'retry-glob', calls: 1, name: `retry of ${a}` },
      { job: 'retry-glob', calls: 1, name: `retry of ${b}` },
    ]);
    expect(all.end.stderr).toContain(`taking 1 row from ${a}: action_required 1\n`);
    expect(all.end.stderr).not.toContain(`from ${c}`);

    // A list that came once more in the same night: its rows are those of the later run, and nobody is called twice.
    await world.writeList('b-list.csv', rows(3, 5));
    const job = await readFile(join(world.cwd, 'glob.yaml'), 'utf8');
    await world.writeList('b-alone.yaml', job.replace('"*-list.csv"', 'b-list.csv'));
    const later = summaryOf(await runProgram(['run', 'b-alone.yaml', '--json'], world));
    expect(classesOf(later)).toEqual({ action_required: 2 });
    const once = await startAll(world, 'retry', '--job', 'glob');
    expect(once.runs.map(({ calls, list }) => [list.name, calls])).toEqual([
      [`retry of ${a}`, 1],
      [`retry of ${later.runId}`, 2],
    ]);
  });

  it('takes the failures of three lists in their order, whatever job ran after them', async () => {
    await using world = await setup(engine);
    // Member 1 stands in the first list and in the last, which the retry of the last takes.
    await world.writeList('a-list.csv', rows(1, 2, 9));
    await world.writeList('b-list.csv', rows(2, 3, 4));
    await world.writeList('c-list.csv', rows(5, 6, 1));
    const first = await startAll(world, 'run', 'glob.yaml');
    const ids = first.runs.map(({ runId }) => runId);
    expect(ids).toHaveLength(3);
    await world.writeList('list.csv', rows(7, 8));
    const other = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    expect(classesOf(other)).toEqual({ enrolled: 1, action_required: 1 });
    const before = world.sandbox.calls().length;

    const all = await startAll(world, 'retry', '--job', 'glob');
    expect(all.exitCode).toBe(3);
    expect(all.runs.map(({ job, calls, list }) => [job, calls, list.name])).toEqual([
      ['retry-glob', 1, `retry of ${ids[0]}`],
      ['retry-glob', 1, `retry of ${ids[1]}`],
      ['retry-glob', 2, `retry of ${ids[2]}`],
    ]);
    const called = world.sandbox.calls().slice(before);
    const [a, b, ...ofC] = called.map(({ par }) => String(par));
    expect([a, b, ...ofC.toSorted()]).toEqual([9, 3, 1, 5].map(parOf));
    expect(new Set(all.runs.map(({ runId }) => runId)).size).toBe(3);
    for (const run of all.runs) expect(run).toMatchObject({ state: 'complete', totalsAgree: true });
    expect(all.end.stderr).not.toContain(other.runId);
  });

  it('stopped in its middle, the same command goes on and calls nobody of the first again', async () => {
    await using world = await setup(engine);
    const first = await startAll(world, 'run', 'glob.yaml');
    const [a] = first.runs.map(({ runId }) => runId);
    const before = world.sandbox.calls().length;
    const retry = ['retry', '--job', 'glob', '--json'];
    const killed = await runProgram(retry, {
      ...world,
      point: { name: 'answered', count: 2, action: 'SIGKILL' },
    });
    expect(killed.signal).toBe('SIGKILL');
    const rest = await startAll(world, 'retry', '--job', 'glob');
    expect(rest.exitCode).toBe(3);
    expect(rest.runs[0]).toMatchObject({ exitCode: 3 });
    expect(JSON.stringify(rest.runs[0])).toContain(`the retry of ${a} came to its end before`);
    expect(rest.runs[1]).toMatchObject({ job: 'retry-glob', state: 'complete' });
    expect(world.sandbox.calls().length - before).toBeLessThanOrEqual(3);
  });

  it('on a ledger of several jobs nothing is guessed', async () => {
    await using world = await setup(engine);
    await startAll(world, 'run', 'glob.yaml');
    await world.writeList('list.csv', rows(5));
    const other = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    const guess = failureOf(await runProgram(['retry', '--json'], world), 2);
    expect(guess).toBe(
      'retry: the ledger holds several jobs (glob, proof): say which with --job, or name a run with --run',
    );
    const one = summaryOf(await runProgram(['retry', '--job', 'proof', '--json'], world));
    expect(one).toMatchObject({ calls: 1, list: { name: `retry of ${other.runId}` } });
    const none = failureOf(await runProgram(['retry', '--job', 'nobody', '--json'], world), 2);
    expect(none).toContain('no run of job nobody to take failures from; there are glob, proof, retry-proof');
    const both = await runProgram(['retry', '--job', 'glob', '--run', other.runId, '--json'], world);
    expect(failureOf(both, 2)).toBe(`--job: run ${other.runId} is of job proof, not of glob`);
  });
});
