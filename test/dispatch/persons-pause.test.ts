import { describe, expect, test } from 'vitest';
import { claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';
import { fullestWindow } from './windows.ts';
import { until } from '../support/stub-clock.ts';

const RATE = 20;
const HALF_AN_HOUR = 1_800_000;

function setup(records: number, options: Partial<Parameters<typeof createDispatchWorld>[0]> = {}) {
  const departures: number[] = [];
  const world = createDispatchWorld({
    records: claimedRecords(records),
    concurrency: 8,
    burst: 1,
    rate: { count: RATE, windowMs: 1_000 },
    answer: async () => {
      departures.push(world.clock.monotonic());
      await world.clock.sleep(60);
      return enrolled;
    },
    ...options,
  });
  /** The person moves the end of the pause, `at` milliseconds after the start. */
  const follow = (at: number, leftMs: number): void => {
    void world.clock.sleep(at).then(() => {
      world.gate.followPerson(leftMs);
    });
  };
  return { world, departures, follow };
}

describe('a pause that a person asked for', () => {
  test('holds calls that have no permit, which cost no attempt, and ends those under way', async () => {
    const { world, departures } = setup(40);
    const running = world.runThroughTime();
    await until(() => departures.length === 10);
    world.gate.followPerson(HALF_AN_HOUR);
    const pausedAt = world.clock.monotonic();
    expect(await running).toBeNull();

    expect(world.recorded).toHaveLength(40);
    expect(departures).toHaveLength(40);
    const after = departures.filter((at) => at > pausedAt);
    expect(Math.min(...after)).toBeGreaterThanOrEqual(pausedAt + HALF_AN_HOUR);
    // Every mark of a call that did not leave was taken back.
    expect(world.count('mark') - world.count('unmark')).toBe(40);
    expect(world.progress.some(({ state }) => state.kind === 'paused' && state.why === 'person')).toBe(true);
    expect(world.pauses).toEqual([]);
  });

  test('is over when the person ends it, and calls are spread as at a start', async () => {
    const { world, departures, follow } = setup(60);
    world.gate.followPerson(HALF_AN_HOUR);
    follow(10_000, 0);
    expect(await world.runThroughTime()).toBeNull();
    expect(departures).toHaveLength(60);
    expect(departures[0]).toBe(10_000);
    expect(fullestWindow(departures, 100)).toBeLessThanOrEqual(3);
    expect(fullestWindow(departures, 1_000)).toBeLessThanOrEqual(RATE);
  });

  test('lasts as long as it is told, also where its end is moved, and the new end is told', async () => {
    const { world, departures, follow } = setup(5);
    world.gate.followPerson(10_000);
    follow(5_000, 20_000);
    expect(await world.runThroughTime()).toBeNull();
    expect(departures[0]).toBe(25_000);
    const ends = world.progress.flatMap(({ state }) => (state.kind === 'paused' ? [state.until] : []));
    expect((ends.at(-1)?.getTime() ?? 0) - (ends[0]?.getTime() ?? 0)).toBe(15_000);
  });

  test('beyond stopAt ends the run as stopAt does', async () => {
    const { world } = setup(5, {
      stopAt: { at: new Date(Date.UTC(2026, 10, 23, 16, 10)), sentence: 'stopped at 16:10' },
    });
    world.gate.followPerson(HALF_AN_HOUR);
    const reason = await world.runThroughTime();
    expect(reason).toMatchObject({ kind: 'limit', cause: 'stop_at' });
    expect(world.count('mark')).toBe(0);
  });

  test('a longer pause of the provider’s own stands, and either is told by whichever ends last', () => {
    const { world } = setup(1);
    world.gate.pause(60_000, 'throttled');
    world.gate.followPerson(30_000);
    expect(world.gate.pauseWhy).toBe('throttled');
    world.gate.followPerson(90_000);
    expect(world.gate.pauseWhy).toBe('person');
    world.gate.followPerson(0);
    expect(world.gate.pauseLeft).toBe(60_000);
  });

  test('the provider is not even knocked at before its end', async () => {
    const { world } = setup(1, {
      refusal: { kind: 'provider', cause: 'credentials', sentence: 'the certificate is refused' },
    });
    world.gate.followPerson(10_000);
    const running = world.run();
    await world.clock.advance(9_000);
    expect(world.knocks()).toBe(0);
    await world.clock.advance(1_000);
    expect(await running).toMatchObject({ cause: 'credentials' });
    expect([world.knocks(), world.count('mark')]).toEqual([1, 0]);
  });
});
