import { describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { layCable, type LedgerCable } from '../support/ledger-cable.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd, type StartedProgram } from '../support/program.ts';
import { startUntil } from '../support/run-under-way.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

/** Each test starts the real program some times, on a machine that may have other work. */
vi.setConfig({ testTimeout: 400_000 });

const CONCURRENCY = 8;
/** A process that has not beaten for so long may be taken over: its last call must have left before. */
const TAKE_OVER_MS = 15_000;
const run = ['run', 'job.yaml', '--json', '--quiet'];

/** A run under way on a server at the other end of a cable. */
async function setup(records: number, rate: string) {
  const world = await createWorld({
    engine: serverEngine,
    sandbox: { faults: { seed: 1, latencyMs: 20 } },
    job: `limits: { rate: ${rate}, concurrency: ${CONCURRENCY}, timeout: 2s }`,
  });
  await world.writeList('list.csv', listOf(records));
  const cable = await layCable(world.ledger.databaseUrl);
  const program = await startUntil(run, ['recorded', 50], {
    cwd: world.cwd,
    env: { ...world.env, DATABASE_URL: cable.databaseUrl },
  });
  return {
    world,
    cable,
    program,
    [Symbol.asyncDispose]: async () => {
      program.kill('SIGKILL');
      await program.ended;
      await cable.cut();
      await world[Symbol.asyncDispose]();
    },
  } satisfies { world: EnrolmentWorld; cable: LedgerCable; program: StartedProgram } & AsyncDisposable;
}

/** Nothing is lost: the run is whole, and only what was under way then may have been called twice. */
function expectCompleted(world: EnrolmentWorld, end: ProgramEnd, records: number): void {
  const summary = summaryOf(end);
  expect(summary).toMatchObject({ exitCode: 0, state: 'complete', list: { rowsRead: records } });
  const { enrolled = 0, recovered = 0, ...others } = classesOf(summary);
  expect(others).toEqual({});
  expect(enrolled + recovered).toBe(records);
  expect(recovered).toBeLessThanOrEqual(CONCURRENCY);
  expect(world.sandbox.calls()).toHaveLength(records + recovered);
  expect(world.sandbox.truth()).toHaveLength(records);
}

describe('the way to the database server in the middle of a run (server Postgres)', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('is cut: exit 8; nothing is lost, and the same command completes', async () => {
    const RECORDS = 300;
    await using begun = await setup(RECORDS, '1000/s');
    const { world, cable, program } = begun;
    await cable.cut();
    expect(failureOf(await program.ended, 8)).toMatch(/^the ledger's database is not available: /);
    expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
    expectCompleted(world, await runProgram(run, world), RECORDS);
  });

  it('falls silent for the lock alone: no call later than another may take over, exit 8, the next start does', async () => {
    const RECORDS = 1_500;
    await using begun = await setup(RECORDS, '50/s');
    const { world, cable, program } = begun;
    cable.silenceLocks();
    const silentSince = performance.timeOrigin + performance.now();
    const end = await program.ended;
    const endedAfter = performance.timeOrigin + performance.now() - silentSince;
    expect(failureOf(end, 8)).toMatch(/^the ledger's database is not available: /);
    const before = world.sandbox.calls();
    expect(before.length).toBeGreaterThan(50);
    expect(before.length).toBeLessThan(RECORDS);
    const lastAfter = (before.at(-1)?.arrivedAt ?? Infinity) - silentSince;
    expect(lastAfter).toBeLessThan(TAKE_OVER_MS);
    expect(endedAfter).toBeLessThan(TAKE_OVER_MS + 2_000);

    const ledger = await openLedger(world.ledger.address);
    // What is left of fifteen seconds of silence; the server still has the lock of a connection nobody ended.
    await ledger.query(`update job set beat_at = beat_at - interval '15 seconds'`);
    await ledger.close();
    expectCompleted(world, await runProgram([...run, '--rate', '1000/s'], world), RECORDS);
  });

  it('falls silent altogether: exit 8 although no statement is ever answered, and the next start completes', async () => {
    const RECORDS = 300;
    await using begun = await setup(RECORDS, '50/s');
    const { world, cable, program } = begun;
    cable.silenceAll();
    expect(failureOf(await program.ended, 8)).toMatch(/^the ledger's database is not available: /);
    expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
    expectCompleted(world, await runProgram([...run, '--rate', '1000/s'], world), RECORDS);
  });
});
