import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { runJob } from '../../src/run/run-job.ts';
import { serverEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { startRun } from '../support/run-under-way.ts';

const CONCURRENCY = 4;
const onServer = serverEngine.missing ? test.skip : test;

onServer(
  'a live job that holds the records is asked once, not with the patience of a start (server Postgres)',
  async () => {
    await using begun = await startRun({
      engine: serverEngine,
      sandbox: { faults: { seed: 1, latencyMs: 60_000 } },
      job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 60s }`,
      records: CONCURRENCY,
      until: ['bytes_left', CONCURRENCY],
    });
    const { world } = begun;
    await world.writeJob('other', 'list.csv', 'list.csv');
    const ledger = await openLedger(world.ledger.address);
    const stop = new AbortController();
    const slept: number[] = [];
    const clock = {
      ...systemClock,
      sleep: async (ms: number, signal?: AbortSignal) => {
        slept.push(ms);
        // How long it waits until it asks again: here the test ends.
        if (ms === 1_000) stop.abort('SIGTERM');
        await systemClock.sleep(ms, signal);
      },
    };
    const options = { clock, stop: stop.signal, target: 'other.yaml' };
    const [result] = await runJob(await createRunEnvironment(world, ledger, options));
    await ledger.close();
    expect(result).toMatchObject({ kind: 'ran', exitCode: 143 });
    expect(slept).toContain(1_000);
    expect(slept).not.toContain(200);
    expect(world.sandbox.calls()).toHaveLength(CONCURRENCY);
  },
  1_200_000,
);
