import { describe, expect, test } from 'vitest';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { proveSoak } from '../support/soak-proof.ts';
import { soakFaults, soakJob } from '../support/soak-rules.ts';
import { runThroughKills } from '../support/soak.ts';

const RECORDS = 300;
const KILLS = 8;
const SEED = 5;

/** The short form of `npm run soak`, without restarts of the database. */
describe.each(ledgerEngines)('killed at random moments, one call in five a fault ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('provider and ledger tell the same at the end, and no call was made beside the ledger', async () => {
    await using world = await createWorld({
      engine,
      sandbox: { faults: soakFaults(SEED) },
      job: soakJob,
      encryption: 'required',
    });
    await world.writeList('list.csv', listOf(RECORDS));
    const story = await runThroughKills({
      cwd: world.cwd,
      env: world.env,
      address: world.ledger.address,
      records: RECORDS,
      seed: SEED,
      kills: KILLS,
      countCalls: () => world.sandbox.calls().length,
    });
    const checks = await proveSoak({
      address: world.ledger.address,
      records: RECORDS,
      story,
      calls: world.sandbox.calls(),
      truth: world.sandbox.truth(),
    });
    expect(checks.filter((check) => !check.holds)).toEqual([]);
    // On a machine that suddenly gets faster the list ends sooner than it was reckoned.
    expect(story.kills).toBeGreaterThanOrEqual(KILLS / 2);
  }, 1_200_000);
});
