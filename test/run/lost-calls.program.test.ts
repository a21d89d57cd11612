import { expect, test } from 'vitest';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { findUnfinishedRun, readLastRuns } from '../../src/ledger/runs/run-table.ts';
import { retryRuns } from '../../src/run/retry-run.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { createStubClock, type StubClock } from '../support/stub-clock.ts';

const RATE = 8;
const WINDOW_MS = 60_000;

/**
 * A world in which a process died with as many calls under way as the rate allows a minute, each marked ten minutes
 * before it may have left: a machine that slept, say. Nothing but the lost calls is in the window.
 */
async function setup(dead: readonly string[], prepare?: (world: EnrolmentWorld) => Promise<void>) {
  const stuck = Array.from({ length: RATE }, (_, index) => parOf(index + 1));
  const cards = stuck.map((par) => `  - { par: ${par}, faults: ["slow 60000ms"] }`);
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { fixtures: parseFixtures(`cards:\n${cards.join('\n')}\n`) },
    job: `limits: { rate: ${RATE}/min, concurrency: ${RATE}, timeout: 60s }`,
  });
  await world.writeList('list.csv', listOf(RATE));
  await prepare?.(world);
  const point = { name: 'bytes_left', count: RATE, action: 'SIGKILL' } as const;
  expect((await runProgram(dead, { ...world, point })).signal).toBe('SIGKILL');
  const ledger = await openLedger(world.ledger.address);
  const aged = await ledger.query(
    `update enrollment set sending_at = sending_at - interval '10 minutes' where status = 'sending' returning 1`,
  );
  expect(aged).toHaveLength(RATE);
  return {
    world,
    ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** Time that passes only while nothing else happens; wall clock as it is, by which calls were stamped. */
function createIdleClock(): StubClock {
  const stub = createStubClock();
  return Object.create(stub, { now: { value: () => new Date() } }) as StubClock;
}

/** Runs in this process; how long after its run was ready to call each call left, in milliseconds. */
async function callsOf(
  world: EnrolmentWorld,
  ledger: OpenLedger,
  work: (environment: Awaited<ReturnType<typeof createRunEnvironment>>) => Promise<unknown>,
  target?: string,
): Promise<readonly number[]> {
  const clock = createIdleClock();
  const readyAt: number[] = [];
  const leftAt: number[] = [];
  const signals = {
    reached: (point: string) => {
      if (point === 'sending_committed') readyAt.push(clock.monotonic());
      if (point === 'bytes_left') leftAt.push(clock.monotonic());
    },
  };
  const options = target === undefined ? { clock, signals } : { clock, signals, target };
  let hasEnded = false;
  const working = work(await createRunEnvironment(world, ledger, options)).finally(() => {
    hasEnded = true;
  });
  // Each step gives way to all that is ready: a call that need not wait has left before this time is far on.
  while (!hasEnded) await clock.advance(10);
  await working;
  return leftAt.map((at) => at - Math.min(...readyAt));
}

/** The window was filled a little before the first record was ready. */
const NO_SOONER_MS = WINDOW_MS / 2;

test('the calls a dead process lost fill the window of the run that continues', async () => {
  await using left = await setup(['run', 'job.yaml']);
  const waited = await callsOf(left.world, left.ledger, runJob);
  expect(waited).toHaveLength(RATE);
  expect(Math.min(...waited)).toBeGreaterThan(NO_SOONER_MS);
});

test('… of the run that supersedes its run with another list', async () => {
  await using left = await setup(['run', 'job.yaml']);
  await left.world.writeList('list.csv', listOf(RATE).replace('name', 'title'));
  const waited = await callsOf(left.world, left.ledger, runJob);
  expect(waited).toHaveLength(RATE);
  expect(Math.min(...waited)).toBeGreaterThan(NO_SOONER_MS);
  const runs = await readLastRuns(left.ledger, 2);
  expect(runs.map((run) => run.state)).toEqual(['complete', 'superseded']);
});

test('… of the retry that supersedes a retry', async () => {
  await using left = await setup(['retry'], async (world) => {
    const point = { name: 'claimed', count: 1, action: 'SIGKILL' } as const;
    await runProgram(['run', 'job.yaml'], { ...world, point });
  });
  const source = await findUnfinishedRun(left.ledger, 'proof');
  if (source === null) throw new Error('nothing to take from');
  const rest = { code: null, before: null, nights: null, olderThan: null, withSettled: true };
  const selection = { sourceRunNo: source.run_no, ...rest };
  const waited = await callsOf(left.world, left.ledger, async (environment) => {
    const configuration = { ...environment.configuration, job: 'retry-proof' };
    const classes = ['unprocessed', 'conflict'] as const;
    return await retryRuns({ ...environment, configuration }, [
      { source, selection: { ...selection, classes } },
    ]);
  });
  expect(waited).toHaveLength(RATE);
  expect(Math.min(...waited)).toBeGreaterThan(NO_SOONER_MS);
  const runs = await readLastRuns(left.ledger, 3);
  expect(runs.map((run) => run.state)).toEqual(['complete', 'superseded', 'dispatching']);
});

test('… of a run of another job that meets its records', async () => {
  await using left = await setup(['run', 'job.yaml']);
  await left.world.writeJob('other', 'list.csv', 'list.csv');
  const waited = await callsOf(left.world, left.ledger, runJob, 'other.yaml');
  expect(waited).toHaveLength(RATE);
  expect(Math.min(...waited)).toBeGreaterThan(NO_SOONER_MS);
  expect(await findUnfinishedRun(left.ledger, 'proof')).toMatchObject({ state: 'dispatching' });
});
