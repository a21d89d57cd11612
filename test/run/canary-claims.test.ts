import { describe, expect, test } from 'vitest';
import { Canary } from '../../src/dispatch/canary.ts';
import type { ClaimedSet } from '../../src/ledger/claiming.ts';
import { createCanary, createCanaryClaims } from '../../src/run/canary-claims.ts';
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

function setup(claimed: number) {
  const clock = createStubClock();
  const stop = new AbortController();
  const canary = new Canary(4);
  const happened: string[] = [];
  const records = claimedRecords(claimed);
  const claims = createCanaryClaims({
    canary,
    claim: async (count) => {
      happened.push(`canary of ${count}`);
      return await Promise.resolve({ records, skipped: 0, lastRowNo: 9 });
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
  const weigh = (name: 'enrolled' | 'bad_data'): void => {
    for (const { recordNo } of records) canary.note(recordNo, { kind: 'final', class: name }, false);
  };
  return { claims, clock, stop, happened, weigh };
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
  const tripped = setup(3);
  await tripped.claims();
  tripped.weigh('bad_data');
  expect(await tripped.claims()).toEqual(nothing);
  const stopped = setup(3);
  await stopped.claims();
  const waiting = stopped.claims();
  stopped.stop.abort();
  expect(await waiting).toEqual(nothing);
  expect([tripped.happened, stopped.happened]).toEqual([['canary of 4'], ['canary of 4']]);
});

test('where other runs have all of its records in hand the rest goes, and nothing is remembered', async () => {
  const { claims, happened } = setup(0);
  expect(await claims()).toBeNull();
  expect(happened).toEqual(['canary of 4', 'rest after 0']);
});
