import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { runJob } from '../../src/run/run-job.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

const HOUR_MS = 3_600_000;

/** The system's clock, set to ten to one in the afternoon in Seoul, and later whenever the test says so. */
function createShiftedClock(): Clock & { later(ms: number): void } {
  const began = performance.now();
  let instant = Date.UTC(2026, 10, 24, 3, 50);
  return {
    ...systemClock,
    now: () => new Date(instant + performance.now() - began),
    later: (ms) => {
      instant += ms;
    },
  };
}

/** Two jobs on one provider, with a list of six and one of four other records. */
async function setup(limits: string) {
  const clock = createShiftedClock();
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { now: () => clock.now() },
    job: `limits: { ${limits}, concurrency: 4, timeout: 5s }`,
  });
  const [header = '', ...rows] = listOf(10).trimEnd().split('\n');
  await world.writeList('list.csv', [header, ...rows.slice(0, 6), ''].join('\n'));
  await world.writeList('short.csv', [header, ...rows.slice(6), ''].join('\n'));
  await world.writeJob('other', 'list.csv', 'short.csv');
  const ledger = await openLedger(world.ledger.address);
  const run = async (target: string) => {
    const environment = await createRunEnvironment(world, ledger, { clock, target });
    const [result] = await runJob(environment);
    if (result?.kind !== 'ran') throw new Error('refused');
    const { classes, totalsAgree } = result.summary;
    return {
      exitCode: result.exitCode,
      reason: result.reason,
      unprocessed: classes.unprocessed,
      enrolled: classes.enrolled,
      totalsAgree,
    };
  };
  return {
    clock,
    ledger,
    run,
    calls: () => world.sandbox.calls().length,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

describe('a rate by the day', () => {
  test('counts every job of the provider, over restarts; the next day goes on', async () => {
    await using world = await setup('rate: "1000/s, 8/day"');
    const { run, clock, calls } = world;
    expect(await run('other.yaml')).toMatchObject({ exitCode: 0, enrolled: 4 });
    expect(await run('job.yaml')).toEqual({
      exitCode: 6,
      reason: expect.stringMatching(
        /^the day's 8\/day are used up: 8 calls were made on 2026-11-24, 4 of them by this run; the next day begins in 11 h \d+ min \(Asia\/Seoul\)$/,
      ) as string,
      unprocessed: 2,
      enrolled: 4,
      totalsAgree: true,
    });
    expect(await run('job.yaml')).toMatchObject({ exitCode: 6, unprocessed: 2, enrolled: 4 });
    expect(calls()).toBe(8);
    clock.later(11.5 * HOUR_MS);
    expect(await run('job.yaml')).toMatchObject({ exitCode: 0, unprocessed: 0, enrolled: 6 });
    expect(calls()).toBe(10);
  });

  test('a call that surely was not sent does not count', async () => {
    await using world = await setup('rate: 6/day');
    const { run, ledger } = world;
    expect(await run('other.yaml')).toMatchObject({ exitCode: 0 });
    await ledger.query(`update attempt set reply_kind = 'not_sent'`);
    expect(await run('job.yaml')).toMatchObject({ exitCode: 0, enrolled: 6 });
  });
});

describe('maxCalls', () => {
  test('counts the calls of the job in a night, over restarts; the next night goes on', async () => {
    await using world = await setup('rate: 1000/s, maxCalls: 4');
    const { run, clock, calls } = world;
    expect(await run('other.yaml')).toMatchObject({ exitCode: 0, enrolled: 4 });
    expect(await run('job.yaml')).toEqual({
      exitCode: 6,
      reason: expect.stringMatching(
        /^limits.maxCalls 4 is used up: 4 calls were made in the night of 2026-11-24, 4 of them by this run; the next night begins in 23 h \d+ min \(Asia\/Seoul\)$/,
      ) as string,
      unprocessed: 2,
      enrolled: 4,
      totalsAgree: true,
    });
    clock.later(23 * HOUR_MS);
    expect(await run('job.yaml')).toMatchObject({ exitCode: 6, unprocessed: 2 });
    expect(calls()).toBe(8);
    clock.later(HOUR_MS);
    expect(await run('job.yaml')).toMatchObject({ exitCode: 0, unprocessed: 0, enrolled: 6 });
    expect(calls()).toBe(10);
  });
});
