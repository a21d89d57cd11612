import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startRun, startUntil } from '../support/run-under-way.ts';

const RECORDS = 300;
const slow = {
  engine: serverEngine,
  sandbox: { faults: { seed: 1, latencyMs: 20 } },
  job: 'limits: { rate: 200/s, concurrency: 8, timeout: 5s }',
  records: RECORDS,
};
const onServer = serverEngine.missing ? test.skip : test;

onServer(
  'a stopped process that goes on after the take-over changes nothing (server Postgres)',
  async () => {
    await using begun = await startRun({ ...slow, until: ['recorded', 40] });
    const { world, program: stopped } = begun;
    stopped.kill('SIGSTOP');
    const ledger = await openLedger(world.ledger.address);
    try {
      const held = await runProgram(['run', 'job.yaml', '--json'], world);
      expect(held.exitCode).toBe(8);
      expect(held.stderr).toContain(`process ${stopped.pid}`);
      // What fifteen seconds of silence leave behind.
      await ledger.query(`update job set beat_at = beat_at - interval '1 minute'`);

      const other = await runProgram(['run', 'job.yaml', '--json'], world);
      expect(other.exitCode).toBe(0);
      const tables = async () => [
        await ledger.query('select * from run'),
        await ledger.query('select * from list_row order by row_no'),
        await ledger.query('select * from enrollment order by record_no'),
        await ledger.query('select * from attempt order by attempt_no'),
      ];
      const before = await tables();
      const report = await world.readReport(
        (JSON.parse(other.stdout) as { runId: string }).runId,
        'results.csv',
      );

      stopped.kill('SIGCONT');
      const end = await stopped.ended;
      expect(end.exitCode).toBe(8);
      expect(end.stderr).toContain('taken this run over');
      expect(await tables()).toEqual(before);
      expect(
        await world.readReport((JSON.parse(other.stdout) as { runId: string }).runId, 'results.csv'),
      ).toBe(report);
      expect(world.sandbox.truth()).toHaveLength(RECORDS);

      const again = await runProgram(['run', 'job.yaml', '--json'], world);
      expect(again.exitCode).toBe(0);
    } finally {
      await ledger.close();
    }
  },
  1_200_000,
);

onServer(
  'a process stopped while staging and overtaken leaves the live run alone (server Postgres)',
  async () => {
    await using begun = await startRun({ ...slow, until: ['rows_staged', 1] });
    const { world, program: stopped } = begun;
    stopped.kill('SIGSTOP');
    const ledger = await openLedger(world.ledger.address);
    try {
      await ledger.query(`update job set beat_at = beat_at - interval '1 minute'`);
      const live = await startUntil(['run', 'job.yaml', '--json'], ['recorded', 20], world);
      stopped.kill('SIGCONT');
      expect((await stopped.ended).exitCode).toBe(8);
      const end = await live.ended;
      expect(end.exitCode).toBe(0);
      expect(JSON.parse(end.stdout)).toMatchObject({ state: 'complete', classes: { enrolled: RECORDS } });
      expect(world.sandbox.calls()).toHaveLength(RECORDS);
    } finally {
      await ledger.close();
    }
  },
  1_200_000,
);

onServer(
  'two starts of one job at once: one runs, the other says who has it (server Postgres)',
  async () => {
    await using world = await createWorld({ engine: serverEngine });
    await world.writeList('list.csv', listOf(200));
    const ends = await Promise.all([
      runProgram(['run', 'job.yaml', '--json'], world),
      runProgram(['run', 'job.yaml', '--json'], world),
      runProgram(['run', 'job.yaml', '--json'], world),
    ]);
    const codes = ends.map((end) => end.exitCode);
    expect(codes.filter((code) => code === 0).length).toBeGreaterThanOrEqual(1);
    expect(codes.every((code) => code === 0 || code === 8)).toBe(true);
    const held = ends.find((end) => end.exitCode === 8);
    if (held !== undefined) {
      expect(JSON.parse(held.stdout)).toMatchObject({ exitCode: 8 });
      expect(held.stderr).toMatch(/job proof is being run by process \d+ on \S+, since /);
    }
    expect(world.sandbox.calls()).toHaveLength(200);
  },
  1_200_000,
);

test('a second start on one embedded ledger says who has it; after kill -9 it goes on at once', async () => {
  const stuck = [1, 2, 3, 4].map((number) => `  - { par: ${parOf(number)}, faults: ["slow 60000ms"] }`);
  await using begun = await startRun({
    engine: embeddedEngine,
    sandbox: { fixtures: parseFixtures(`cards:\n${stuck.join('\n')}\n`) },
    // The stuck rows are to be the first that are called.
    job: 'limits: { rate: 50/s, concurrency: 4, timeout: 60s }\nguards: { canary: 0 }',
    records: 60,
    until: ['bytes_left', 4],
  });
  const { world, program: first } = begun;
  const second = await runProgram(['run', 'job.yaml', '--json'], world);
  expect(second.exitCode).toBe(8);
  expect(second.stderr).toContain(`process ${first.pid}`);
  const status = await runProgram(['status'], world);
  expect(status.exitCode).toBe(0);
  expect(status.stdout).toContain(`live: job proof, process ${first.pid}`);
  first.kill('SIGSTOP');
  const third = await runProgram(['run', 'job.yaml', '--json'], world);
  expect(third.exitCode).toBe(8);
  first.kill('SIGKILL');
  await first.ended;
  const fourth = await runProgram(['run', 'job.yaml', '--json'], world);
  expect(fourth.exitCode).toBe(0);
  expect(fourth.stderr).toContain('continuing run');
  expect(JSON.parse(fourth.stdout)).toMatchObject({ calls: 64, classes: { recovered: 4, enrolled: 56 } });
  expect(world.sandbox.truth()).toHaveLength(60);
});
