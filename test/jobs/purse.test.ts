import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf } from '../support/enrolment-world.ts';
import { ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { summaryOf } from './program-output.ts';
import { toldBy } from './reconciled-world.ts';

const json = ['--json', '--quiet'];

/** No test runs over noon. */
const timeZone = new Date().getUTCHours() < 12 ? 'America/New_York' : 'Asia/Seoul';
const nights = `windows: { timeZone: ${timeZone} }`;

describe.each(ledgerEngines)('maxCalls of a night ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is one purse of a run and its retries; --max-calls gives a request one of its own', async () => {
    const cards = Array.from({ length: 20 }, (_, at) => `  - { par: ${parOf(at + 1)}, answer: "007_031" }`);
    await using world = await createWorld({
      engine,
      sandbox: { fixtures: parseFixtures(`cards:\n${cards.join('\n')}\n`) },
      job: `limits: { rate: 1000/s, burst: 1000, concurrency: 4, maxCalls: 25 }\n${nights}`,
    });
    await world.writeList('list.csv', listOf(20));
    const run = async (...argv: string[]) => {
      const end = await runProgram([...argv, ...json], world);
      const { exitCode, calls, exitReason } = summaryOf(end);
      return { exitCode, calls, exitReason };
    };
    expect(await run('run', 'job.yaml')).toMatchObject({ exitCode: 3, calls: 20 });
    const spent = /^limits.maxCalls 25 is used up: 25 calls were made in the night of /;
    const retried = await run('retry', '--job', 'proof');
    expect(retried).toMatchObject({ exitCode: 6, calls: 5 });
    expect(retried.exitReason).toMatch(spent);
    // The same retry, gone on with from a purse of its own.
    expect(await run('retry', '--job', 'proof', '--max-calls', '3')).toMatchObject({
      exitCode: 6,
      calls: 8,
      exitReason: '--max-calls 3 is used up: 3 calls were made for this request',
    });
    expect(world.sandbox.calls()).toHaveLength(28);
    const again = await run('retry', '--job', 'proof');
    expect(again.exitReason).toMatch(spent);
    expect(world.sandbox.calls()).toHaveLength(28);
  });

  it('and of its reconciliations with the provider; --max-calls gives one of them its own', async () => {
    const cards = Array.from({ length: 4 }, (_, at) => `  - { par: ${parOf(at + 1)}, answer: "007_031" }`);
    await using world = await createWorld({
      engine,
      sandbox: { fixtures: parseFixtures(`cards:\n${cards.join('\n')}\n`) },
      job: `limits: { rate: 1000/s, burst: 1000, concurrency: 4, maxCalls: 26 }\n${nights}`,
    });
    await world.writeList('list.csv', listOf(12));
    const reconcile = async (...argv: string[]) => {
      const end = await runProgram(['reconcile', '--against', 'provider', ...argv, ...json], world);
      const { exitCode, calls, reason } = toldBy(end);
      return { exitCode, calls, reason };
    };
    const spent = /^limits.maxCalls 26 is used up: 26 calls were made in the night of /;
    expect(summaryOf(await runProgram(['run', 'job.yaml', ...json], world)).calls).toBe(12);
    expect(await reconcile()).toMatchObject({ exitCode: 0, calls: 12 });
    // A run, and a reconciliation: two of the purse are left for the four that a retry would call.
    const retried = summaryOf(await runProgram(['retry', '--job', 'proof', ...json], world));
    expect(retried).toMatchObject({ exitCode: 6, calls: 2 });
    expect(retried.exitReason).toMatch(spent);
    const another = await reconcile();
    expect(another).toMatchObject({ exitCode: 6, calls: 0 });
    expect(another.reason).toMatch(spent);
    expect(world.sandbox.calls()).toHaveLength(26);

    expect(await reconcile('--max-calls', '5')).toEqual({
      exitCode: 6,
      calls: 5,
      reason: '--max-calls 5 is used up: 5 calls were made for this request',
    });
    // What a request made from its own purse is not taken from the job's, and does not fill it either.
    expect((await reconcile()).reason).toMatch(spent);
    expect(world.sandbox.calls()).toHaveLength(31);
  });
});

const onServer = serverEngine.missing ? test.skip : test;

onServer('two live processes spend from it together, and not one call more (server Postgres)', async () => {
  const RECORDS = 200;
  await using world = await createWorld({
    engine: serverEngine,
    sandbox: { faults: { seed: 1, latencyMs: 5 } },
    job: `limits: { rate: 40/s, concurrency: 16, maxCalls: 150 }\n${nights}`,
  });
  const [header = '', ...rows] = listOf(2 * RECORDS)
    .trimEnd()
    .split('\n');
  await world.writeList('list.csv', [header, ...rows.slice(0, RECORDS), ''].join('\n'));
  await world.writeList('others.csv', [header, ...rows.slice(RECORDS), ''].join('\n'));
  const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
  const retry = job.replace('job: proof', 'job: retry-proof').replace('list.csv', 'others.csv');
  await writeFile(join(world.cwd, 'retry-proof.yaml'), retry);
  // Both at once: on a busy machine the first would have spent all of it before a later one had begun.
  const first = startProgram(['run', 'job.yaml', ...json], world);
  const second = startProgram(['run', 'retry-proof.yaml', ...json], world);
  const ends = [summaryOf(await first.ended), summaryOf(await second.ended)];
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([6, 6]);
  const made = ends.map(({ calls }) => calls);
  expect(world.sandbox.calls()).toHaveLength(made.reduce((sum, calls) => sum + calls, 0));
  expect(world.sandbox.calls().length).toBeLessThanOrEqual(150);
  // What one was lent last and did not use, the other may not have had any more.
  expect(world.sandbox.calls().length).toBeGreaterThan(150 - 2 * 80);
  for (const calls of made) expect(calls).toBeGreaterThan(0);
});
