import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { runJob } from '../../src/run/run-job.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

/** The system's clock, showing the time of day a test sets. */
function createSetClock(): Clock & { set(to: string): void } {
  let shift = 0;
  return {
    ...systemClock,
    now: () => new Date(Date.now() + shift),
    set: (to) => {
      shift = Date.parse(to) - Date.now();
    },
  };
}

test('a run that stopAt ends is exit 6 with the rest unprocessed, and the next night goes on', async () => {
  const clock = createSetClock();
  await using world = await createWorld({
    engine: embeddedEngine,
    sandbox: { now: () => clock.now() },
    job: 'limits: { rate: 20/s }\nwindows: { stopAt: "05:30", timeZone: Asia/Seoul }',
  });
  await world.writeList('list.csv', listOf(60));
  const ledger = await openLedger(world.ledger.address);
  try {
    const runAt = async (from: string, flags = {}) => {
      clock.set(from);
      const [result] = await runJob(await createRunEnvironment(world, ledger, { clock, flags }));
      if (result?.kind !== 'ran') throw new Error('refused');
      return result;
    };
    // Half a second before 05:30 in Seoul is time for some of the first second's 20 calls.
    const stopped = await runAt('2026-11-22T20:29:59.500Z');
    const called = world.sandbox.calls().length;
    expect(stopped).toMatchObject({
      exitCode: 6,
      reason: 'stopped at 05:30 by windows.stopAt (Asia/Seoul)',
      summary: { state: 'stopped', totalsAgree: true, calls: called, classes: { enrolled: called } },
    });
    expect(called).toBeLessThan(60);
    expect(stopped.summary.classes.unprocessed).toBe(60 - called);

    const done = await runAt('2026-11-23T16:00:00Z', { rate: '1000/s' });
    expect(done).toMatchObject({ exitCode: 0, summary: { runId: stopped.summary.runId, calls: 60 } });
    expect(world.sandbox.calls()).toHaveLength(60);
  } finally {
    await ledger.close();
  }
});
