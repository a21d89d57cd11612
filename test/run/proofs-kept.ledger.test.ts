import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { exitCodes } from '../../src/domain/exit-code.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { findRun } from '../../src/ledger/runs/run-table.ts';
import { readStoredDifference, readStoredTotals } from '../../src/ledger/proofs/stored-proofs.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

const DAY_MS = 86_400_000;

/** Member 2 must act first; nights pass when the test says so. */
async function setup() {
  let instant = Date.UTC(2026, 10, 22, 16);
  const clock = { ...systemClock, now: () => new Date(instant + performance.now()) };
  const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(2)}, answer: "007_031" }\n`);
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { fixtures, now: () => clock.now() },
    job: 'limits: { rate: 1000/s }',
  });
  const ledger = await openLedger(world.ledger.address);
  const warnings: string[] = [];
  return {
    world,
    ledger,
    warnings,
    nextNight: () => {
      instant += DAY_MS;
    },
    run: async (limit?: string) => {
      const flags = limit === undefined ? {} : { limit };
      const environment = await createRunEnvironment(world, ledger, { clock, flags });
      const observer = {
        ...environment.observer,
        warned: (sentence: string) => void warnings.push(sentence),
      };
      const [result] = await runJob({ ...environment, observer });
      if (result?.kind !== 'ran') throw new Error('refused');
      const run = await findRun(ledger, result.summary.runId);
      if (run === null) throw new Error('no such run');
      return { ...result, run };
    },
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

test('totals broken under a run: exit 9, never complete, the class named; whole again, it comes to its end', async () => {
  await using night = await setup();
  await night.world.writeList('list.csv', listOf(3));
  const begun = await night.run('1');
  expect(begun.exitCode).toBe(exitCodes.stoppedByGuard);
  expect(begun.summary).toMatchObject({ totalsAgree: true, difference: null });

  await night.ledger.query('update list_row set attempts = attempts + 1 where row_no = 1');
  const broken = await night.run();
  const sentence = 'enrolled: 3 calls on the rows, 2 calls recorded';
  expect(broken.exitCode).toBe(exitCodes.totalsDisagree);
  expect(broken.reason).toBe(`BROKEN TOTALS: ${sentence}`);
  expect(night.warnings).toEqual([`BROKEN TOTALS: ${sentence}`]);
  expect(broken.run).toMatchObject({ id: begun.run.id, state: 'stopped', exit_code: 9 });
  expect(broken.summary).toMatchObject({ state: 'stopped', totalsAgree: false });
  expect(broken.summary.controlTotals).toContainEqual({
    name: 'attempts',
    class: 'enrolled',
    expected: 3,
    found: 2,
    agrees: false,
  });

  await night.ledger.query('update list_row set attempts = attempts - 1 where row_no = 1');
  const whole = await night.run();
  expect([whole.exitCode, whole.run.state, whole.run.id]).toEqual([3, 'complete', begun.run.id]);
  expect(whole.summary.controlTotals?.every(({ agrees }) => agrees)).toBe(true);
});

test('a list with a totals line has it proved again, and its difference from the night before is kept with the run', async () => {
  await using night = await setup();
  await night.world.writeList('list.csv', `${listOf(3)}total,3,\n`);
  const first = await night.run();
  expect(first.summary.controlTotals).toContainEqual({
    name: 'list_totals',
    class: null,
    expected: 3,
    found: 3,
    agrees: true,
  });
  expect(first.summary.difference).toBeNull();
  expect(readStoredDifference(first.run)?.comparedWith).toBeNull();

  night.nextNight();
  await night.world.writeList('list.csv', listOf(4));
  const second = await night.run();
  const difference = {
    comparedWith: { runId: first.run.id, night: '2026-11-22' },
    added: 1,
    gone: 0,
    parChanged: 0,
    newlyFailing: 0,
    cured: 0,
    stillFailing: [{ nights: 2, records: 1 }],
  };
  expect(second.summary.difference).toEqual(difference);
  expect(second.summary.controlTotals?.map(({ name }) => name)).not.toContain('list_totals');
  // As it was, whatever becomes of the ledger.
  await night.ledger.query('delete from list_row');
  const kept = await findRun(night.ledger, second.run.id);
  expect(second.summary.failing).toEqual([
    {
      class: 'action_required',
      code: '007_031',
      ages: { '0': 0, '1-2': 1, '3-7': 0, '8-30': 0, '31+': 0 },
    },
  ]);
  const { failing } = second.summary;
  expect(kept && readStoredDifference(kept)).toEqual({ ...difference, failing });
  expect(kept && readStoredTotals(kept)).toHaveLength(second.summary.controlTotals?.length ?? 0);
});

test('a superseded run keeps its totals, and no difference', async () => {
  await using night = await setup();
  await night.world.writeList('list.csv', listOf(3));
  const begun = await night.run('1');
  await night.world.writeList('list.csv', listOf(2));
  await night.run();
  const old = await findRun(night.ledger, begun.run.id);
  expect(old).toMatchObject({ state: 'superseded', night_difference: null });
  expect(old && readStoredTotals(old)).toContainEqual({
    name: 'attempts',
    class: 'enrolled',
    expected: 1,
    found: 1,
  });
});

test('what another program kept with a run is not taken for ours', () => {
  expect(
    readStoredTotals({ control_totals: [{ name: 'other', class: null, expected: 1, found: 1 }] }),
  ).toBeNull();
  expect(readStoredTotals({ control_totals: null })).toBeNull();
  expect(readStoredDifference({ night_difference: { added: 1 } })).toBeNull();
});
