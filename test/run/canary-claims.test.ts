import { describe, expect, test } from 'vitest';
import { Canary } from '../../src/dispatch/guards/canary.ts';
import type { ClaimedSet } from '../../src/ledger/runs/claiming.ts';
import { createCanary, createCanaryClaims } from '../../src/run/calling/canary-claims.ts';
import { claimedRecords } from '../dispatch/dispatch-world.ts';
import { createStubClock, oneTurn } from '../support/stub-clock.ts';

describe('a run has a canary', () => {
  test.each([
    ['of a list more than twice as long', 20, 41, null, 20],
    ['not of a list that is half canary', 20, 40, null, null],
    ['not where it is switched off', 0, 1_000, null, null],
    ['not where it was found well before', 20, 1_000, 'passed', null],
    ['again where it tripped', 20, 1_000, 'tripped', 20],
    ['again where it tripped, of whatever is left', 20, 7, 'tripped', 7],
  ] as const)('%s', (_, size, due, found, expected) => {
    expect(createCanary(size, { due, found })?.size ?? null).toBe(expected);
  });
});

/** `further`: how many records are free at each further look; null: none is left. */
function setup(claimed: number, further: readonly (number | null)[] = []) {
  const clock = createStubClock();
  const stop = new AbortController();
  const canary = new Canary(4);
  const happened: string[] = [];
  const records = claimedRecords(10);
  const looks = [...further];
  const give = (count: number): ClaimedSet => ({
    records: records.splice(0, count),
    skipped: 0,
    lastRowNo: 9,
  });
  const claims = createCanaryClaims({
    canary,
    claim: async (count) => {
      happened.push(`canary of ${count}`);
      return await Promise.resolve(give(claimed));
    },
    claimFurther: async (count) => {
      const free = looks.shift() ?? null;
      happened.push(`${count} more: ${free}`);
      return await Promise.resolve(free === null ? null : give(Math.min(count, free)));
    },
    passed: async () => {
      happened.push('passed');
      await Promise.resolve();
    },
    startRest: (taken) => {
      happened.push(`rest after ${taken}`);
      return async () => await Promise.resolve(null);
    },
    clock,
    stop: stop.signal,
  });
  /** Ends the calls of so many records. */
  const weigh = (name: 'enrolled' | 'bad_data', count = 4): void => {
    for (const { recordNo } of claimedRecords(count)) {
      canary.note(recordNo, { kind: 'final', class: name }, false);
    }
  };
  return { claims, canary, clock, stop, happened, weigh };
}

const nothing: ClaimedSet = { records: [], skipped: 0, lastRowNo: null };

test('nobody else is given out before it is found well, which is remembered first', async () => {
  const { claims, clock, happened, weigh } = setup(4);
  expect((await claims())?.records).toHaveLength(4);
  const waiting = claims();
  await clock.advance(199);
  expect(clock.sleeping).toBe(1);
  await clock.advance(1);
  // Records of the canary that come again by now are handed out in between.
  expect(await waiting).toEqual(nothing);
  const next = claims();
  await oneTurn();
  weigh('enrolled');
  expect(await next).toBeNull();
  expect(await claims()).toBeNull();
  expect(happened).toEqual(['canary of 4', 'passed', 'rest after 4']);
});

test('tripped, or asked to stop, nobody else is given out', async () => {
  const tripped = setup(4);
  await tripped.claims();
  tripped.weigh('bad_data');
  expect(await tripped.claims()).toEqual(nothing);
  const stopped = setup(4);
  await stopped.claims();
  const waiting = stopped.claims();
  stopped.stop.abort();
  expect(await waiting).toEqual(nothing);
  expect([tripped.happened, stopped.happened]).toEqual([['canary of 4'], ['canary of 4']]);
});

describe('where other runs have records of it in hand', () => {
  test('others take their place', async () => {
    const { claims, happened, weigh } = setup(1, [10]);
    expect((await claims())?.records).toHaveLength(1);
    expect((await claims())?.records).toHaveLength(3);
    weigh('enrolled');
    expect(await claims()).toBeNull();
    expect(happened).toEqual(['canary of 4', '3 more: 10', 'passed', 'rest after 4']);
  });

  test('it waits where too few are free, and those it has are given out meanwhile', async () => {
    const { claims, canary, clock, happened, weigh } = setup(0, [1, 0, 3]);
    expect((await claims())?.records).toHaveLength(0);
    expect((await claims())?.records).toHaveLength(1);
    const waiting = claims();
    await clock.advance(999);
    expect(clock.sleeping).toBe(1);
    // One that fails says nothing of a list of which the others are still to come.
    weigh('bad_data', 1);
    expect(canary.verdict.kind).toBe('open');
    await clock.advance(1);
    expect(await waiting).toEqual(nothing);
    expect((await claims())?.records).toHaveLength(3);
    expect(happened).toEqual(['canary of 4', '4 more: 1', '3 more: 0', '3 more: 3']);
    weigh('bad_data', 3);
    expect(canary.verdict.kind).toBe('tripped');
    expect(await claims()).toEqual(nothing);
  });

  test.each([0, 2])('the run ends, with %i records of its own, when they leave nothing', async (claimed) => {
    const { claims, clock, happened } = setup(claimed, [0, null]);
    expect((await claims())?.records).toHaveLength(claimed);
    const waiting = claims();
    await clock.advance(1_000);
    expect(await waiting).toEqual(nothing);
    expect(await claims()).toBeNull();
    const more = `${4 - claimed} more`;
    expect(happened).toEqual(['canary of 4', `${more}: 0`, `${more}: null`]);
  });

  test('asked to stop it waits no longer, and looks no more', async () => {
    const { claims, stop, happened } = setup(0, [0, 0]);
    await claims();
    const waiting = claims();
    await oneTurn();
    stop.abort();
    expect(await waiting).toEqual(nothing);
    expect(await claims()).toEqual(nothing);
    expect(happened).toEqual(['canary of 4', '4 more: 0']);
  });
});
