import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { readOldestOpen } from '../../src/ledger/job-end-table.ts';
import { runJob } from '../../src/run/run-job.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { countOn, type Visits } from '../support/visited-rows.ts';

/** Many enough that a plan made for so few rows is a plan for a million: of tables of a page or two, any plan reads all. */
const ROWS = 600;
/** Rows that all steps of one statement's plan visit, for each row of the list; a loop of the run's rows over its rows is 600. */
const MOST_VISITS_A_ROW = 50;
/** A list so short that also what takes hours for `ROWS` comes to an end; here a loop over all rows may be the best plan. */
const FEW_ROWS = 60;
const MOST_VISITS_A_ROW_OF_FEW = 4 * FEW_ROWS;

/** Every third card has a condition, so that no part of a proof is without rows. */
function conditions(...answers: readonly string[]): string {
  const cards = Array.from({ length: ROWS / 3 }, (_, index) => {
    const answer = answers[index % answers.length] ?? '';
    return `  - { par: ${parOf(3 * index + 1)}, answer: "${answer}" }`;
  });
  return `cards:\n${cards.join('\n')}\n`;
}

/** Runs a list of the first members; the visits for each of its rows, the most first. */
async function runCounted(
  world: EnrolmentWorld,
  ledger: OpenLedger,
  rows: number,
): Promise<readonly { readonly sql: string; readonly visitsARow: number }[]> {
  await world.writeList('list.csv', listOf(rows));
  const visits: Visits = new Map();
  const environment = await createRunEnvironment(world, countOn(ledger, visits), { clock: systemClock });
  const [result] = await runJob(environment);
  if (result?.kind !== 'ran' || result.summary.state !== 'complete')
    throw new Error('the run is not complete');
  // What a start keeps for its metrics.
  await readOldestOpen(environment.ledger, [result.summary.runId]);
  return [...visits]
    .map(([sql, count]) => ({ sql, visitsARow: count / rows }))
    .toSorted((a, b) => b.visitsARow - a.visitsARow);
}

async function setup(engine: LedgerEngine) {
  const world = await createWorld({
    engine,
    sandbox: { fixtures: parseFixtures(conditions('007_031', '001_003')) },
    job: 'limits: { rate: 1000/s, concurrency: 8, timeout: 30s }\nguards: { canary: 0, maxFailures: 100% }',
  });
  const ledger = await openLedger(world.ledger.address);
  return {
    world,
    ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

describe.each(ledgerEngines)('on tables that nobody has analysed ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('no statement of a run, of its proofs or of its report visits more than some rows a row of the list', async () => {
    await using begun = await setup(engine);
    const { world, ledger } = begun;
    const few = await runCounted(world, ledger, FEW_ROWS);
    expect(few.filter(({ visitsARow }) => visitsARow > MOST_VISITS_A_ROW_OF_FEW)).toEqual([]);

    const many = await runCounted(world, ledger, ROWS);
    expect(many.filter(({ visitsARow }) => visitsARow > MOST_VISITS_A_ROW)).toEqual([]);
    // The next night finds what this one has told, and compares.
    world.sandbox.replaceFixtures(parseFixtures(conditions('001_003', '007_031')));
    const next = await runCounted(world, ledger, ROWS);
    expect(next.filter(({ visitsARow }) => visitsARow > MOST_VISITS_A_ROW)).toEqual([]);

    // The proofs read every row several times over: they were among what was counted.
    expect(many.filter(({ visitsARow }) => visitsARow > 3).length).toBeGreaterThan(5);
  });
});
