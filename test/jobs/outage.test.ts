import { expect, test } from 'vitest';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startProviderFront } from '../support/provider-front.ts';
import { classesOf, summaryOf, type RunSummary } from './program-output.ts';

const RECORDS = 200;
const CONCURRENCY = 16;
/** Below the concurrency, because a busy machine may not get all of them out before the first answer. */
const CUT_OFF = 12;

/** Answers take so long that all slots are full. */
async function createBusyWorld(): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 100 } },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }\nretry: { attempts: 20, backoff: 10ms..80ms }`,
  });
  await world.writeList('list.csv', listOf(RECORDS));
  return world;
}

async function run(world: EnrolmentWorld, baseUrl: string): Promise<RunSummary> {
  const env = { ...world.env, KONA_BASE_URL: baseUrl };
  return summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], { cwd: world.cwd, env }));
}

test('a provider that goes away in the middle and comes back is waited for, and everybody is enrolled once', async () => {
  await using world = await createBusyWorld();
  const { baseUrl } = world.sandbox;
  await using front = await startProviderFront({
    baseUrl,
    fallsAfter: 60,
    whileInFlight: CUT_OFF,
    refuses: 12,
  });
  const summary = await run(world, front.baseUrl);
  expect(summary).toMatchObject({ exitCode: 0, state: 'complete' });
  expect(front.refused()).toBe(12);
  // More than twenty calls in a row had no answer: those in flight, and those that found nobody.
  expect(summary.calls - RECORDS).toBeGreaterThan(20);
  // A call may also have begun on a connection that was cut while it lay idle, before the fifth silence was noticed.
  expect(summary.calls - RECORDS).toBeLessThanOrEqual(4 + CONCURRENCY + 12);
  const { recovered = 0, enrolled = 0 } = classesOf(summary);
  expect(recovered + enrolled).toBe(RECORDS);
  expect(world.sandbox.truth()).toHaveLength(RECORDS);
});

test('one that does not come back ends the run with exit 7; the same command completes it later', async () => {
  await using world = await createBusyWorld();
  const { baseUrl } = world.sandbox;
  await using front = await startProviderFront({
    baseUrl,
    fallsAfter: 60,
    whileInFlight: CUT_OFF,
    refuses: Infinity,
  });
  const begun = await run(world, front.baseUrl);
  expect(begun).toMatchObject({ exitCode: 7, state: 'stopped' });
  expect(begun.exitReason).toContain('no answer we can read to 20 calls in a row');
  // Calls in flight when the silence is noticed are lost in one moment and do not count towards the twenty.
  expect(begun.calls - (begun.classes['enrolled'] ?? 0)).toBeLessThan(20 + CONCURRENCY);
  expect(begun.classes['unprocessed']).toBeGreaterThan(0);

  const ended = await run(world, baseUrl);
  expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, state: 'complete' });
  const { recovered = 0, enrolled = 0 } = classesOf(ended);
  expect(recovered + enrolled).toBe(RECORDS);
  expect(world.sandbox.truth()).toHaveLength(RECORDS);
});
