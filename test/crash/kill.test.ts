import { randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { findCalledAgain, takeSnapshot, type Snapshot } from '../support/crash-proof.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { startUntil, type Moment } from '../support/run-under-way.ts';

const RECORDS = 2_000;
const CONCURRENCY = 16;
/** As many as may be under way, and as many answered ones that are not durable. */
const MOST_SENDING = 2 * CONCURRENCY;

/** Named points, each some calls into the start, so that every start gets on. */
const namedKills: readonly Moment[] = [
  // A list this long is one COPY on a server.
  ['rows_staged', 1],
  ['rows_staged', 1],
  ['claimed', 1],
  ['sending_committed', 70],
  ['bytes_left', 90],
  ['answered', 110],
  ['recorded', 130],
  ['claimed', 2],
  ['sending_committed', 1],
  ['bytes_left', 1],
  ['answered', 1],
  ['recorded', 1],
];
const RANDOM_KILLS = 10;

async function snapshotOf(world: EnrolmentWorld): Promise<Snapshot> {
  const snapshot = await takeSnapshot(world.ledger.address, () => world.sandbox.calls().length);
  expect(snapshot.sending).toBeLessThanOrEqual(MOST_SENDING);
  return snapshot;
}

/** Provider and ledger know the same, both ways; every row is in exactly one class; the totals say so. */
async function expectTruth(world: EnrolmentWorld, end: ProgramEnd): Promise<void> {
  expect(end.stderr).not.toContain('bug');
  expect(end.exitCode).toBe(0);
  const summary = JSON.parse(end.stdout) as {
    runId: string;
    totalsAgree: boolean;
    classes: Record<string, number>;
    list: { rowsRead: number };
  };
  expect(summary.totalsAgree).toBe(true);
  expect(summary.list.rowsRead).toBe(RECORDS);
  expect(Object.values(summary.classes).reduce((sum, count) => sum + count, 0)).toBe(RECORDS);
  const { finished } = await snapshotOf(world);
  const truth = world.sandbox.truth().map((entry) => `${entry.userId} ${entry.par}`);
  expect(truth.toSorted()).toEqual([...finished].toSorted());
  expect(truth).toHaveLength(RECORDS);
  const results = await world.readReport(summary.runId, 'results.csv');
  expect(results.trimEnd().split('\r\n')).toHaveLength(RECORDS + 1);
}

describe.each(ledgerEngines)('killed with SIGKILL ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('loses no record, counts none twice and calls no finished one again', async () => {
    await using world = await createWorld({
      engine,
      sandbox: { faults: { seed: 7, latencyMs: 5 } },
      job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }\nretry: { attempts: 5, backoff: 10ms..100ms }`,
    });
    await world.writeList('list.csv', listOf(RECORDS));
    const snapshots: Snapshot[] = [];
    let kills = 0;
    for (const [name, count] of namedKills) {
      const end = await runProgram(['run', 'job.yaml', '--json', '--quiet'], {
        ...world,
        point: { name, count, action: 'SIGKILL' },
      });
      expect(end.signal).toBe('SIGKILL');
      kills += 1;
      // After every other kill the next start comes at once, with nobody in between.
      if (kills % 2 === 0) snapshots.push(await snapshotOf(world));
    }
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      const count = randomInt(1, 80);
      const program = await startUntil(['run', 'job.yaml', '--json', '--quiet'], ['recorded', count], world);
      program.kill('SIGKILL');
      expect((await program.ended).signal).toBe('SIGKILL');
      kills += 1;
      // After every other kill the next start comes at once, with nobody in between.
      if (kills % 2 === 0) snapshots.push(await snapshotOf(world));
    }
    for (const count of [1, 3]) {
      const end = await runProgram(['run', 'job.yaml', '--json', '--quiet'], {
        ...world,
        point: { name: 'report_part_written', count, action: 'SIGKILL' },
      });
      expect(end.signal).toBe('SIGKILL');
      kills += 1;
      // After every other kill the next start comes at once, with nobody in between.
      if (kills % 2 === 0) snapshots.push(await snapshotOf(world));
    }
    const end = await runProgram(['run', 'job.yaml', '--json', '--quiet'], world);
    await expectTruth(world, end);
    expect(findCalledAgain(world.sandbox.calls(), snapshots)).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(20);
    expect(world.sandbox.calls().length).toBeLessThanOrEqual(RECORDS + kills * MOST_SENDING);
  }, 1_200_000);
});
