import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

const DAY_MS = 86_400_000;

/** The system's clock, set to one in the morning in Seoul, and a night later whenever the test says so. */
function createNightClock(): Clock & { nextNight(): void } {
  const began = performance.now();
  let instant = Date.UTC(2026, 10, 22, 16);
  return {
    ...systemClock,
    now: () => new Date(instant + performance.now() - began),
    nextNight: () => {
      instant += DAY_MS;
    },
  };
}

/** Member 2 must act first: a class that comes again by itself, at most once a night. */
async function setup(job: string) {
  const clock = createNightClock();
  const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(2)}, answer: "007_031" }\n`);
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { fixtures, now: () => clock.now() },
    job,
  });
  await world.writeList('list.csv', listOf(3));
  await world.writeList('short.csv', listOf(2));
  await world.writeJob('other', 'list.csv', 'short.csv');
  const ledger = await openLedger(world.ledger.address);
  const run = async (target: string, limit?: string) => {
    const flags = limit === undefined ? {} : { limit };
    const environment = await createRunEnvironment(world, ledger, { clock, target, flags });
    const [result] = await runJob(environment);
    if (result?.kind !== 'ran') throw new Error('refused');
    return { exitCode: result.exitCode, runId: result.summary.runId };
  };
  return {
    clock,
    ledger,
    run,
    callsOfMember2: () => world.sandbox.calls().filter((call) => call.par === parOf(2)).length,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

test('what a continued run calls is called in tonight’s night: not again tonight, again tomorrow', async () => {
  await using night = await setup('limits: { rate: 1000/s }');
  const begun = await night.run('job.yaml', '1');
  expect([begun.exitCode, night.callsOfMember2()]).toEqual([6, 0]);

  night.clock.nextNight();
  expect(await night.run('job.yaml')).toEqual({ exitCode: 3, runId: begun.runId });
  expect(night.callsOfMember2()).toBe(1);
  expect(await night.ledger.query('select distinct night::text as night from attempt order by 1')).toEqual([
    { night: '2026-11-22' },
    { night: '2026-11-23' },
  ]);

  const next = await night.run('job.yaml');
  expect(next.exitCode).toBe(3);
  expect(next.runId).not.toBe(begun.runId);
  expect(night.callsOfMember2()).toBe(1);

  night.clock.nextNight();
  await night.run('job.yaml');
  expect(night.callsOfMember2()).toBe(2);
});

test('a continued run leaves alone what another job called tonight', async () => {
  await using night = await setup('limits: { rate: 1000/s }');
  const begun = await night.run('job.yaml', '1');
  night.clock.nextNight();
  expect((await night.run('other.yaml')).exitCode).toBe(3);
  expect(night.callsOfMember2()).toBe(1);
  expect(await night.run('job.yaml')).toEqual({ exitCode: 3, runId: begun.runId });
  expect(night.callsOfMember2()).toBe(1);
});

test('a night more counts for retry.nights, and after the last one the record keeps its class', async () => {
  await using night = await setup('limits: { rate: 1000/s }\nretry: { nights: 2 }');
  const begun = await night.run('job.yaml', '1');
  await night.run('other.yaml');
  const record = `select nights, last_night::text as last_night from enrollment where par = '${parOf(2)}'`;
  expect(await night.ledger.query(record)).toEqual([{ nights: 1, last_night: '2026-11-22' }]);

  night.clock.nextNight();
  expect(await night.run('job.yaml')).toEqual({ exitCode: 3, runId: begun.runId });
  expect(await night.ledger.query(record)).toEqual([{ nights: 2, last_night: '2026-11-23' }]);
  expect(night.callsOfMember2()).toBe(2);

  night.clock.nextNight();
  expect((await night.run('job.yaml')).exitCode).toBe(3);
  expect(night.callsOfMember2()).toBe(2);
});
