import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { reconcileList } from '../../src/reconcile/reconcile-list.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

test('a comparison that waits for another one counts the breaks that one has entered', async () => {
  const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(2)}, answer: "001_003" }\n`);
  await using world = await createWorld({ engine: embeddedEngine, sandbox: { fixtures } });
  await world.writeList('list.csv', listOf(3));
  const ledger = await openLedger(world.ledger.address);
  try {
    await runJob(await createRunEnvironment(world, ledger, { clock: systemClock }));
    let seconds = 0;
    const began = Date.now();
    const clock = { ...systemClock, now: () => new Date(began + seconds * 1000) };
    const compare = async (on: typeof ledger) =>
      await reconcileList(on, { job: null, runId: null }, { clock, told: () => undefined, shown: 5 });
    // The other one begins later and has the lock first.
    const second = await compare({
      ...ledger,
      query: async (...asked) => await ledger.query(...asked),
      transaction: async (work) => {
        seconds += 1;
        await compare(ledger);
        seconds += 1;
        return await ledger.transaction(work);
      },
    });
    expect(second).toMatchObject({ exitCode: 3, first: [{ break_no: 1, kind: 'not_enrolled' }] });
  } finally {
    await ledger.close();
  }
});
