import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunPoint } from '../../src/domain/run-signals.ts';
import { lockAllowance } from '../../src/ledger/runs/allowance-table.ts';
import { openServerLedger } from '../../src/ledger/engine/server-ledger.ts';
import { emptyFixtures, parseFixtures, type Fixtures } from '../../src/sandbox/provider/fixtures.ts';
import { findFullestWindow } from '../../src/sandbox/wire/call-log.ts';
import { readArrivals } from '../support/arrivals.ts';
import { createWorld, listOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { startUntil } from '../support/run-under-way.ts';
import { summaryOf } from './program-output.ts';

const json = ['--json', '--quiet'];
const RATE = 40;

/** Jobs `proof` and `other` on one provider, each with a list of its own. */
async function setup(records: number, limits: string, fixtures: Fixtures = emptyFixtures) {
  // No test runs over midnight.
  const timeZone = new Date().getUTCHours() < 12 ? 'Asia/Seoul' : 'America/New_York';
  const world = await createWorld({
    engine: serverEngine,
    sandbox: { faults: { seed: 1, latencyMs: 5 }, fixtures },
    job: `limits: { ${limits}, concurrency: 16, timeout: 5s }\nwindows: { timeZone: ${timeZone} }`,
  });
  const [header = '', ...rows] = listOf(2 * records)
    .trimEnd()
    .split('\n');
  await world.writeList('list.csv', [header, ...rows.slice(0, records), ''].join('\n'));
  await world.writeList('others.csv', [header, ...rows.slice(records), ''].join('\n'));
  await world.writeJob('other', 'list.csv', 'others.csv');
  const isOfOther = new Set(rows.slice(records).map((row) => row.split(',')[1]));
  return { world, isOfOther };
}

function clockTime(hour: number): string {
  return `${String(hour % 24).padStart(2, '0')}:00`;
}

/** What others are told that a job has used of a window. */
async function readHeld(world: EnrolmentWorld, job: string, windowMs: number): Promise<number | undefined> {
  const ledger = openServerLedger(world.ledger.databaseUrl);
  const { shares } = await ledger.transaction(
    async (transaction) => await lockAllowance(transaction, 'truth'),
  );
  await ledger.close();
  return shares[job]?.windows.find((window) => window.windowMs === windowMs)?.held;
}

describe('two jobs on one provider (server Postgres)', () => {
  const onServer = serverEngine.missing ? test.skip : test;

  onServer('share its rate: no second above it over both together, and both get their part', async () => {
    const RECORDS = 300;
    const { world, isOfOther } = await setup(RECORDS, `rate: ${RATE}/s`);
    await using _ = world;
    // Both at once: how long a start takes is the machine's, and the first must not be done before the second calls.
    const first = startProgram(['run', 'job.yaml', ...json], world);
    const second = startProgram(['run', 'other.yaml', ...json], world);
    const ends = [summaryOf(await first.ended), summaryOf(await second.ended)];
    expect(ends.map(({ exitCode, calls: made }) => [exitCode, made])).toEqual([
      [0, RECORDS],
      [0, RECORDS],
    ]);
    const arrivals = await readArrivals(world);
    expect(arrivals).toHaveLength(2 * RECORDS);
    expect(findFullestWindow(arrivals.map(({ at }) => at))).toBeLessThanOrEqual(RATE);
    // While both were calling: from the second's first call to the first's last.
    const others = arrivals.map(({ par }) => isOfOther.has(par));
    const together = others.slice(others.indexOf(true), others.lastIndexOf(false));
    expect(together.length).toBeGreaterThan(100);
    expect(together.filter(Boolean).length / together.length).toBeGreaterThan(0.3);
    expect(together.filter(Boolean).length / together.length).toBeLessThan(0.7);
  });

  onServer('an upload beside four long runs gets three in ten of the permits', async () => {
    const LONG = 1_100;
    const SMALL = 200;
    const { world } = await setup(0, `rate: ${2 * RATE}/s`);
    await using _ = world;
    const [header = '', ...rows] = listOf(4 * LONG + SMALL)
      .trimEnd()
      .split('\n');
    const jobs = ['long-1', 'long-2', 'long-3', 'long-4', 'upload'];
    const ofUpload = rows.slice(4 * LONG);
    for (const [at, name] of jobs.entries()) {
      const own = name === 'upload' ? ofUpload : rows.slice(at * LONG, (at + 1) * LONG);
      await world.writeList(`${name}.csv`, [header, ...own, ''].join('\n'));
      await world.writeJob(name, 'list.csv', `${name}.csv`);
    }
    const stop = new AbortController();
    const busy = Promise.withResolvers<void>();
    let answers = 0;
    const reached = (point: RunPoint): void => {
      if (point === 'answered' && (answers += 1) === 8 * RATE) busy.resolve();
    };
    const start = async (name: string) =>
      await runProgram(['run', `${name}.yaml`, ...json], { ...world, stop: stop.signal, reached });
    const long = jobs.filter((name) => name !== 'upload').map(start);
    // The four have the allowance in hand.
    await busy.promise;
    const upload = summaryOf(await start('upload'));
    stop.abort('SIGTERM');
    const ends = (await Promise.all(long)).map((end) => summaryOf(end).exitCode);
    expect([upload.exitCode, ...ends]).toEqual([0, 143, 143, 143, 143]);
    const cards = new Set(ofUpload.map((row) => row.split(',')[1]));
    const arrivals = await readArrivals(world);
    expect(findFullestWindow(arrivals.map(({ at }) => at))).toBeLessThanOrEqual(2 * RATE);
    const isUploads = arrivals.map(({ par }) => cards.has(par));
    const together = isUploads.slice(isUploads.indexOf(true), isUploads.lastIndexOf(true));
    // Of equal parts it would have a fifth. Its first seconds are those in which the others give way.
    const settled = together.slice(4 * RATE);
    expect(settled.length).toBeGreaterThan(4 * RATE);
    expect(settled.filter(Boolean).length / settled.length).toBeGreaterThanOrEqual(0.3);
  });

  onServer('and one that is killed and started again finds its calls counted', async () => {
    const RECORDS = 120;
    const { world } = await setup(RECORDS, `rate: ${RATE}/s`);
    await using _ = world;
    const second = startProgram(['run', 'other.yaml', ...json], world);
    const point = { name: 'recorded', count: 60, action: 'SIGKILL' } as const;
    const killed = await startProgram(['run', 'job.yaml', ...json], { ...world, point }).ended;
    expect(killed.signal).toBe('SIGKILL');
    const first = summaryOf(await startProgram(['run', 'job.yaml', ...json], world).ended);
    expect([first.exitCode, summaryOf(await second.ended).exitCode]).toEqual([0, 0]);
    const arrivals = await readArrivals(world);
    expect(arrivals.length).toBeGreaterThanOrEqual(2 * RECORDS);
    expect(findFullestWindow(arrivals.map(({ at }) => at))).toBeLessThanOrEqual(RATE);
  });

  onServer(
    'and its calls of the last minute are not forgotten, though only others limit the minute',
    async () => {
      const RECORDS = 120;
      const { world } = await setup(RECORDS, `rate: ${RATE}/s`);
      await using _ = world;
      const point = { name: 'recorded', count: 80, action: 'SIGKILL' } as const;
      const killed = await startProgram(['run', 'job.yaml', ...json], { ...world, point }).ended;
      expect(killed.signal).toBe('SIGKILL');
      expect((await startProgram(['run', 'job.yaml', ...json], world).ended).exitCode).toBe(0);
      expect(await readHeld(world, 'proof', 60_000)).toBeGreaterThanOrEqual(RECORDS);
    },
  );

  onServer('and one in its blackout does not hold the other to its lower rate', async () => {
    const RECORDS = 20;
    const { world } = await setup(RECORDS, `rate: ${RATE}/s`);
    await using _ = world;
    const job = await readFile(join(world.cwd, 'other.yaml'), 'utf8');
    const hour = new Date().getUTCHours();
    const blackout = `${clockTime(hour + 23)}-${clockTime(hour + 2)}`;
    const closed = job
      .replace(`rate: ${RATE}/s`, 'rate: "1/min, 5/day"')
      .replace(/timeZone: [^ ]+/, `timeZone: UTC, blackout: ["${blackout}"]`);
    await writeFile(join(world.cwd, 'other.yaml'), closed);
    const resting = startProgram(['run', 'other.yaml', '--json'], world);
    await resting.said('paused until');
    const free = await startProgram(['run', 'job.yaml', '--json'], world).ended;
    const { exitCode, calls: made } = summaryOf(free);
    expect([exitCode, made]).toEqual([0, RECORDS]);
    expect(free.stderr).not.toContain('1/min');
    resting.kill('SIGTERM');
    expect((await resting.ended).exitCode).toBe(143);
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
  });

  onServer('and one whose limit is the higher is told what it is held to', async () => {
    const { world } = await setup(120, `rate: ${RATE}/s`);
    await using _ = world;
    const job = await readFile(join(world.cwd, 'other.yaml'), 'utf8');
    await writeFile(join(world.cwd, 'other.yaml'), job.replace(`rate: ${RATE}/s`, 'rate: 10/s'));
    const slow = await startUntil(['run', 'other.yaml', ...json], ['recorded', 10], world);
    const quick = startProgram(['run', 'job.yaml', '--json'], world);
    await quick.said('job other calls this provider too and names 10/s');
    for (const program of [slow, quick]) program.kill('SIGTERM');
    await Promise.all([slow.ended, quick.ended]);
  });

  onServer('keep to a pause that one of them was told, within a second', async () => {
    const RECORDS = 400;
    const PAUSE_MS = 5_000;
    const throttled = parOf(20);
    const fixtures = parseFixtures(`cards:\n  - { par: ${throttled}, faults: ['429 5s'] }\n`);
    const { world, isOfOther } = await setup(RECORDS, `rate: ${RATE}/s, adaptive: false`, fixtures);
    await using _ = world;
    const second = await startUntil(['run', 'other.yaml', ...json], ['recorded', 10], world);
    const first = startProgram(['run', 'job.yaml', ...json], world);
    const ends = [summaryOf(await first.ended), summaryOf(await second.ended)];
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const calls = world.sandbox.calls();
    const told = calls.find(({ answer }) => answer === '429')?.arrivedAt ?? NaN;
    const others = calls.flatMap(({ par, arrivedAt }) =>
      isOfOther.has(par ?? '') ? [arrivedAt - told] : [],
    );
    expect(others.filter((at) => at < 0).length).toBeGreaterThan(10);
    expect(others.filter((at) => at > 1_000 && at < PAUSE_MS - 100)).toEqual([]);
    expect(others.filter((at) => at > PAUSE_MS).length).toBeGreaterThan(10);
  });

  onServer(
    'share a day: both together never make a call more than it has, and what is left is found',
    async () => {
      const { world, isOfOther } = await setup(120, `rate: "${RATE}/s, 150/day"`);
      await using _ = world;
      const first = await startUntil(['run', 'job.yaml', ...json], ['recorded', 20], world);
      const second = startProgram(['run', 'other.yaml', ...json], world);
      const ends = [summaryOf(await first.ended), summaryOf(await second.ended)];
      const made = world.sandbox.calls().length;
      expect(made).toBeLessThanOrEqual(150);
      // What one was lent and gave back may come too late for the other: the day ends early then, never late.
      expect(made).toBeGreaterThanOrEqual(120);
      expect(ends.map(({ calls }) => calls).reduce((a, b) => a + b)).toBe(made);
      expect(ends.map(({ exitCode }) => exitCode)).toContain(6);
      const spent = ends.filter(({ exitCode }) => exitCode === 6).map(({ exitReason }) => exitReason);
      for (const reason of spent)
        expect(reason).toMatch(/^the day's 150\/day are used up: 150 calls were made on /);

      const again = summaryOf(await startProgram(['run', 'other.yaml', ...json], world).ended);
      expect(again.exitCode).toBe(6);
      expect(world.sandbox.calls()).toHaveLength(150);
      expect(world.sandbox.calls().filter(({ par }) => isOfOther.has(par ?? '')).length).toBeGreaterThan(20);
    },
  );

  onServer('and find the calls of one that named no day while nobody did', async () => {
    const { world, isOfOther } = await setup(120, `rate: ${RATE}/s`);
    await using _ = world;
    const job = await readFile(join(world.cwd, 'other.yaml'), 'utf8');
    await writeFile(
      join(world.cwd, 'other.yaml'),
      job.replace(`rate: ${RATE}/s`, `rate: "${RATE}/s, 40/day"`),
    );
    const some = await startProgram(['run', 'other.yaml', '--limit', '10', ...json], world).ended;
    expect(summaryOf(some).calls).toBe(10);
    const free = await startUntil(['run', 'job.yaml', ...json], ['recorded', 40], world);
    const rest = summaryOf(await startProgram(['run', 'other.yaml', ...json], world).ended);
    expect(rest.exitCode).toBe(6);
    expect(world.sandbox.calls().filter(({ par }) => isOfOther.has(par ?? ''))).toHaveLength(10);
    free.kill('SIGTERM');
    await free.ended;
  });

  onServer(
    'what a killed process was lent and did not use is found again by the next that is alone',
    async () => {
      const { world } = await setup(120, `rate: "${RATE}/s, 100/day"`);
      await using _ = world;
      const point = { name: 'recorded', count: 30, action: 'SIGKILL' } as const;
      expect((await startProgram(['run', 'job.yaml', ...json], { ...world, point }).ended).signal).toBe(
        'SIGKILL',
      );
      const next = summaryOf(await startProgram(['run', 'job.yaml', ...json], world).ended);
      expect(next).toMatchObject({ exitCode: 6, calls: 100 });
      // A lost call counts whether it left or not.
      expect(world.sandbox.calls().length).toBeLessThanOrEqual(100);
      expect(world.sandbox.calls().length).toBeGreaterThanOrEqual(100 - 16);
    },
  );
});
