import { describe, expect, test } from 'vitest';
import { Canary, weighCanary, type CanaryState } from '../../src/dispatch/guards/canary.ts';
import type { CallClass } from '../../src/domain/class.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled, notSent } from './dispatch-world.ts';

const badData = answered(400, '001_003');

function final(name: CallClass, count: number): CanaryState[] {
  return Array.from({ length: count }, () => ({ class: name, isFinal: true, isHeld: false }));
}

function comingAgain(name: CallClass, count: number): CanaryState[] {
  return Array.from({ length: count }, () => ({ class: name, isFinal: false, isHeld: false }));
}

function uncalled(count: number): null[] {
  return Array.from({ length: count }, () => null);
}

describe('the weighing', () => {
  test.each([
    ['half of them failed', [...final('bad_data', 10), ...final('enrolled', 10)], 'passed'],
    ['one more than half failed', [...final('bad_data', 11), ...final('enrolled', 9)], 'tripped'],
    [
      'one more than half failed, the others are not called yet',
      [...final('conflict', 11), ...uncalled(9)],
      'tripped',
    ],
    ['all but one are enrolled', [...final('enrolled', 19), ...uncalled(1)], 'open'],
    ['a few come again', [...final('enrolled', 15), ...comingAgain('transient', 5)], 'passed'],
    [
      'so many come again that they decide',
      [...final('enrolled', 9), ...comingAgain('ambiguous', 11)],
      'open',
    ],
    [
      'failures and those that come again could be too many together',
      [...final('bad_data', 6), ...comingAgain('transient', 5), ...final('recovered', 9)],
      'open',
    ],
    ['customers must act first', final('action_required', 20), 'passed'],
    ['one of one failed', final('unknown_code', 1), 'tripped'],
  ])('%s', (_, states, kind) => {
    expect(weighCanary(states).kind).toBe(kind);
  });

  test('says how many of how many, by class', () => {
    const states = [...final('conflict', 3), ...final('bad_data', 9), ...final('enrolled', 8)];
    expect(weighCanary(states)).toEqual({
      kind: 'tripped',
      cause: 'limit',
      sentence:
        'stopped by guards.canary: 12 of the 20 records called first failed (bad_data 9, conflict 3); the rest was not called',
    });
  });

  test('more than half without an answer is the provider, not the list', () => {
    const states = [...final('transient', 5), ...final('ambiguous', 6), ...final('bad_data', 9)];
    expect(weighCanary(states)).toMatchObject({ kind: 'tripped', cause: 'provider' });
    const mixed = [...final('transient', 10), ...final('bad_data', 1), ...final('enrolled', 9)];
    expect(weighCanary(mixed)).toMatchObject({ kind: 'tripped', cause: 'limit' });
  });
});

describe('in a dispatch', () => {
  function createCanaryWorld(failing: number) {
    const canary = new Canary(4);
    canary.add(['1', '2', '3', '4']);
    const world = createDispatchWorld({
      records: claimedRecords(60),
      answer: (recordNo) => (Number(recordNo) <= failing ? badData : enrolled),
      concurrency: 1,
      canary,
    });
    return { canary, world };
  }

  test('it stops at the record that decides', async () => {
    const { world } = createCanaryWorld(3);
    expect(await world.run()).toMatchObject({ kind: 'limit' });
    expect([world.count('send'), world.count('record')]).toEqual([3, 3]);
  });

  test('passed, what comes later does not count', async () => {
    const canary = new Canary(4);
    canary.add(['1', '2', '3', '4']);
    const world = createDispatchWorld({
      records: claimedRecords(60),
      answer: (recordNo) => (Number(recordNo) <= 2 || Number(recordNo) > 4 ? badData : enrolled),
      canary,
    });
    expect(await world.run()).toBeNull();
    expect(canary.result).toEqual({ kind: 'passed' });
    const states = world.progress.map((told) => told.state.kind);
    expect(states[0]).toBe('canary');
    expect(states.at(-1)).toBe('running');
  });

  test('a record that is throttled has no class yet', async () => {
    const canary = new Canary(3);
    canary.add(['1', '2', '3']);
    const seen: string[] = [];
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: (recordNo, nth) => {
        seen.push(`${recordNo} ${canary.result.kind}`);
        return recordNo === '1' && nth === 1 ? answered(429, null, 5_000) : enrolled;
      },
      concurrency: 3,
      canary,
    });
    expect(await world.runThroughTime()).toBeNull();
    expect(seen.at(-1)).toBe('1 open');
    expect(canary.result.kind).toBe('passed');
  });

  test('a record that was not sent is waited for where it decides', async () => {
    const canary = new Canary(1);
    canary.add(['1']);
    const answer = (_: string, nth: number) => (nth === 1 ? notSent : enrolled);
    const world = createDispatchWorld({ records: claimedRecords(1), answer, canary });
    expect(await world.runThroughTime()).toBeNull();
    expect(world.progress.at(-1)?.state).toEqual({ kind: 'running' });
    expect(canary.result.kind).toBe('passed');
  });

  test('before it has all of its records neither one that fails nor one that is well decides', async () => {
    for (const answer of [badData, enrolled]) {
      const canary = new Canary(4);
      canary.add(['1', '2']);
      const world = createDispatchWorld({ records: claimedRecords(2), answer: () => answer, canary });
      expect(await world.run()).toBeNull();
      expect([canary.result.kind, canary.missing]).toEqual(['open', 2]);
    }
  });

  test('refused credentials leave it as it was', async () => {
    const canary = new Canary(4);
    canary.add(['1', '2', '3', '4']);
    const answer = () => answered(401, null);
    const world = createDispatchWorld({ records: claimedRecords(9), answer, canary });
    expect(await world.run()).toMatchObject({ kind: 'provider' });
    expect(canary.result.kind).toBe('open');
  });
});
