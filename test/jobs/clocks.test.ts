import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

const RECORDS = 30;
const CONCURRENCY = 4;

/** A provider whose clock is ahead of ours by as much as `ahead` says at the time. */
async function createAheadWorld(ahead: { ms: number }, lenient: boolean): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { lenient, now: () => new Date(Date.now() + ahead.ms) },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }`,
  });
  await world.writeList('list.csv', listOf(RECORDS));
  return world;
}

async function run(world: EnrolmentWorld): Promise<ProgramEnd> {
  return await runProgram(['run', 'job.yaml', '--json', '--quiet'], world);
}

test('clocks six minutes apart: exit 6 with both readings; put right, the same command goes on', async () => {
  const ahead = { ms: 6 * 60_000 };
  await using world = await createAheadWorld(ahead, true);
  const begun = summaryOf(await run(world));
  expect(begun).toMatchObject({ exitCode: 6, state: 'stopped' });
  expect(begun.exitReason).toMatch(
    /^stopped because the provider's clock and this machine's are 6 min apart: it says \S+ \S+, we say \S+ \S+ \(UTC\); put this/,
  );
  expect(begun.calls).toBeGreaterThanOrEqual(3);
  expect(begun.calls).toBeLessThan(3 + CONCURRENCY);
  expect(classesOf(begun)).toEqual({ enrolled: begun.calls, unprocessed: RECORDS - begun.calls });

  ahead.ms = 0;
  const ended = summaryOf(await run(world));
  expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, calls: RECORDS });
});

test('a minute apart: one warning, on stderr also with --quiet, and in the log', async () => {
  await using world = await createAheadWorld({ ms: -60_000 }, false);
  const end = await run(world);
  expect(summaryOf(end)).toMatchObject({ exitCode: 0, calls: RECORDS });
  expect(end.stderr).toMatch(/^warning: the provider's clock and this machine's are \d+ s apart: [^\n]+\n$/);
  const logs = join(world.cwd, 'runs', 'logs');
  const [log = ''] = await readdir(logs);
  const lines = (await readFile(join(logs, log), 'utf8')).split('\n');
  expect(lines.filter((line) => line.includes('s apart'))).toHaveLength(1);
});

test('a provider that refuses a signature of another time: exit 7, and the clocks are named', async () => {
  await using world = await createAheadWorld({ ms: 10 * 60_000 }, false);
  const summary = summaryOf(await run(world));
  expect(summary).toMatchObject({ exitCode: 7, state: 'stopped' });
  expect(summary.exitReason).toMatch(/HTTP 401.*Mind that the provider's clock .* are 10 min apart/);
  expect(classesOf(summary)).toEqual({ unprocessed: RECORDS });
});
