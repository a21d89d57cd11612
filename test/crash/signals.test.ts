import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';

const RECORDS = 120;

const slow = {
  sandbox: { faults: { seed: 1, latencyMs: 150 } },
  job: 'limits: { rate: 100/s, concurrency: 8, timeout: 5s }',
  records: RECORDS,
  until: ['bytes_left', 30],
} as const;

async function countSending(world: EnrolmentWorld): Promise<number> {
  const ledger = await openLedger(world.ledger.address);
  const rows = await ledger.query(
    `select 1 from enrollment where status = 'sending' or claim_run_no is not null`,
  );
  await ledger.close();
  return rows.length;
}

describe.each(ledgerEngines)('asked to stop ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)(
    '%s: calls in flight end and are recorded, the folder is written, the same command goes on',
    async (signal, exitCode) => {
      await using begun = await startRun({ engine, ...slow });
      const { world, program } = begun;
      program.kill(signal);
      const end = await program.ended;
      expect(end.exitCode).toBe(exitCode);
      expect(end.stderr).toContain('no new calls');
      const summary = JSON.parse(end.stdout) as {
        runId: string;
        state: string;
        totalsAgree: boolean;
        classes: Record<string, number>;
      };
      expect(summary).toMatchObject({ state: 'stopped', exitCode, totalsAgree: true });
      // No answer was thrown away: what the provider registered is what we hold as success.
      expect(summary.classes['enrolled']).toBe(world.sandbox.truth().length);
      expect(summary.classes['unprocessed']).toBe(RECORDS - world.sandbox.truth().length);
      expect(summary.classes['unprocessed']).toBeGreaterThan(0);
      expect(await countSending(world)).toBe(0);
      const unprocessed = await world.readReport(summary.runId, 'unprocessed.csv');
      expect(unprocessed.trimEnd().split('\r\n')).toHaveLength(1 + (summary.classes['unprocessed'] ?? 0));

      const next = await runProgram(['run', 'job.yaml', '--json'], world);
      expect(next.exitCode).toBe(0);
      expect(JSON.parse(next.stdout)).toMatchObject({
        runId: summary.runId,
        state: 'complete',
        calls: RECORDS,
      });
      expect(world.sandbox.calls()).toHaveLength(RECORDS);
    },
    1_200_000,
  );
});

test('a terminal that is closed ends the run in the same way, though nobody reads what it says', async () => {
  await using begun = await startRun({ engine: embeddedEngine, ...slow });
  const { world, program } = begun;
  program.hangUp();
  expect((await program.ended).exitCode).toBe(143);
  expect(await countSending(world)).toBe(0);
  const [folder = ''] = await readdir(join(world.cwd, 'runs')).then((names) =>
    names.filter((name) => name !== 'logs'),
  );
  const summary = JSON.parse(await world.readReport(folder, 'summary.json')) as {
    classes: Record<string, number>;
  };
  expect(summary).toMatchObject({ state: 'stopped', exitCode: 143, totalsAgree: true });
  expect(summary.classes['enrolled']).toBe(world.sandbox.truth().length);
  expect(summary.classes['unprocessed']).toBeGreaterThan(0);
});

test('a second signal ends the process at once, and nothing is lost', async () => {
  await using begun = await startRun({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 60_000 } },
    job: 'limits: { rate: 100/s, concurrency: 8, timeout: 30s }',
    records: 20,
    until: ['bytes_left', 8],
  });
  const { world, program } = begun;
  program.kill('SIGINT');
  await program.said('no new calls');
  program.kill('SIGINT');
  const end = await program.ended;
  expect(end.exitCode).toBe(130);
  expect(end.stderr).toContain('stopped at once');
  expect(await countSending(world)).toBe(8);
});

test('stopped while the list is read: no call, and the same command begins again', async () => {
  const until = ['rows_staged', 2] as const;
  await using begun = await startRun({ engine: embeddedEngine, records: 30_000, until });
  const { world, program } = begun;
  program.kill('SIGTERM');
  const end = await program.ended;
  expect(end.exitCode).toBe(143);
  expect(JSON.parse(end.stdout)).toMatchObject({ exitCode: 143 });
  expect(world.sandbox.calls()).toEqual([]);
});
