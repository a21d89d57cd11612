import { describe, expect, test, vi } from 'vitest';
import { RunStories, type ToldStory } from '../../../src/desk/runs/run-stories.ts';
import type { Ledger } from '../../../src/ledger/ledger-port.ts';
import { readRun, setRunState, type RunRow } from '../../../src/ledger/runs/run-table.ts';
import { embeddedEngine } from '../../support/ledgers.ts';
import { createStubClock } from '../../support/stub-clock.ts';
import { openReportWorld, par, type PlantedRow } from '../../report/report-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROMPT_MS = 150;
const row: PlantedRow = { cells: ['1234567890123', par(1)], class: 'rejected' };

/** Opens a ledger with a complete run. Each proof takes `tookMs` of the clock; `hold` makes the next ones wait until `release`. */
async function setup(tookMs: number) {
  const world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows: [row] });
  await setRunState(world.ledger, world.runNo, 'complete');
  const clock = createStubClock();
  let proofs = 0;
  let gate: PromiseWithResolvers<void> | null = null;
  const ledger: Ledger = {
    ...world.ledger,
    transaction: async (work) => {
      proofs += 1;
      await gate?.promise;
      const done = await world.ledger.transaction(work);
      await clock.advance(tookMs);
      return done;
    },
  };
  return {
    clock,
    stories: new RunStories({ ledger, clock }),
    run: async (): Promise<RunRow> => await readRun(world.ledger, world.runNo),
    change: async () => {
      await world.ledger.query('update run set rows_read = rows_read + 1');
    },
    proofs: () => proofs,
    hold: () => {
      gate = Promise.withResolvers();
    },
    release: () => {
      gate?.resolve();
      gate = null;
    },
    [Symbol.asyncDispose]: world[Symbol.asyncDispose],
  };
}

describe('stories of runs', () => {
  test('a proof is told again as long as twenty would take, with its time, and then made anew', async () => {
    await using world = await setup(100);
    const first = await world.stories.find(await world.run());
    const at = world.clock.now();
    await world.clock.advance(1_900);
    const again = await world.stories.find(await world.run());
    expect(again?.story).toBe(first?.story);
    expect(again?.at).toEqual(at);
    expect(world.proofs()).toBe(1);
    await world.clock.advance(200);
    const anew = await world.stories.find(await world.run());
    expect(world.proofs()).toBe(2);
    expect(anew?.at.getTime()).toBeGreaterThan(at.getTime());
  });

  test('a run whose row has changed is proved anew at once', async () => {
    await using world = await setup(100);
    const whole = await world.stories.find(await world.run());
    await world.change();
    const broken = await world.stories.find(await world.run());
    const brokenIn = (told: ToldStory | null): number =>
      told?.story.kind === 'ended' ? told.story.broken.length : Number.NaN;
    expect(brokenIn(broken)).toBeGreaterThan(brokenIn(whole));
  });

  test('a page does not wait for a long proof; all who ask meanwhile get the same one', async () => {
    await using world = await setup(0);
    const run = await world.run();
    world.hold();
    const asked = [world.stories.find(run), world.stories.find(run)];
    await world.clock.advance(PROMPT_MS);
    expect(await Promise.all(asked)).toEqual([null, null]);
    const waiting = world.stories.find(run);
    world.release();
    expect((await waiting)?.story.kind).toBe('ended');
    expect(world.proofs()).toBe(1);
  });
});
