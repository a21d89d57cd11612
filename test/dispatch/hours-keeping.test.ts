import { describe, expect, test } from 'vitest';
import { parseBlackout } from '../../src/config/job-file/call-hours-settings.ts';
import { until } from '../support/stub-clock.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled, noAnswer } from './dispatch-world.ts';

// The stub clock begins at 16:00 UTC.
const MINUTE = 60_000;
const begun = Date.UTC(2026, 10, 23, 16);

function at(minutes: number): Date {
  return new Date(begun + minutes * MINUTE);
}

/** One call every ten seconds, so that a minute holds six. */
const slow = { count: 1, windowMs: 10_000 };

describe('a blackout', () => {
  test('no call leaves in it, those in flight end, and the run goes on by itself after it', async () => {
    const sent: number[] = [];
    const world = createDispatchWorld({
      records: claimedRecords(20),
      answer: () => {
        sent.push((world.clock.now().getTime() - begun) / MINUTE);
        return enrolled;
      },
      rate: slow,
      blackout: [parseBlackout('16:01-16:31')],
    });
    const running = world.run();
    for (let count = 1; count <= 5; count += 1) {
      await until(() => world.count('record') === count);
      await world.clock.advance(10_100);
    }
    await until(() => world.count('record') === 6);
    const before = sent.length;
    await world.clock.advance(10 * MINUTE);
    expect(world.progress.at(-1)?.state).toEqual({ kind: 'paused', until: at(31), why: 'blackout' });
    // Nobody is left marked as sending for half an hour.
    await until(() => world.count('unmark') === world.count('mark') - before);
    await world.clock.advance(18.9 * MINUTE);
    expect(sent).toHaveLength(before);
    for (let count = before; count < 20; count += 1) {
      await world.clock.advance(3 * MINUTE);
      await until(() => world.count('record') > count);
    }
    expect(await running).toBeNull();
    expect(sent).toHaveLength(20);
    expect(sent.filter((minute) => minute >= 1 && minute < 31)).toEqual([]);
    expect(world.progress.some((told) => told.calls === before && told.state.kind === 'running')).toBe(true);
  });

  test('a run that begins in it waits for its end', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: () => enrolled,
      blackout: [parseBlackout('15:00-16:10')],
    });
    const running = world.run();
    await world.clock.advance(9.9 * MINUTE);
    expect(world.happenings).toEqual([]);
    expect(world.progress.at(-1)?.state).toEqual({ kind: 'paused', until: at(10), why: 'blackout' });
    await world.clock.advance(MINUTE);
    expect(await running).toBeNull();
    expect(world.count('send')).toBe(3);
  });

  test('a retry that comes due in it waits too', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(1),
      answer: (_, nth) => (nth === 1 ? noAnswer : enrolled),
      blackout: [parseBlackout('16:01-16:20')],
      backoffMs: 2 * MINUTE,
    });
    const running = world.run();
    await until(() => world.count('record') === 1);
    await world.clock.advance(19.9 * MINUTE);
    expect(world.count('send')).toBe(1);
    await world.clock.advance(MINUTE);
    expect(await running).toBeNull();
    expect(world.count('send')).toBe(2);
  });

  test('it is no part of ten minutes of nothing but 429', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(1),
      answer: (_, nth) => (nth <= 7 ? answered(429, null, 1_000) : enrolled),
      rate: slow,
      blackout: [parseBlackout('16:01-16:12')],
    });
    const running = world.run();
    for (let count = 1; count <= 6; count += 1) {
      await until(() => world.count('record') === count);
      await world.clock.advance(10_100);
    }
    await world.clock.advance(10 * MINUTE);
    await world.clock.advance(MINUTE);
    await until(() => world.count('record') === 7);
    await world.clock.advance(MINUTE);
    expect(await running).toBeNull();
    expect(world.recorded[5]?.sentAt.getTime()).toBeLessThan(at(1).getTime());
    expect(world.recorded[6]?.sentAt.getTime()).toBeGreaterThan(at(11.9).getTime());
  });

  test('it can be stopped meanwhile', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: () => enrolled,
      blackout: [parseBlackout('15:00-16:10')],
    });
    const running = world.run();
    await world.clock.advance(MINUTE);
    world.stop.abort('SIGINT');
    expect(await running).toEqual({ kind: 'asked' });
    // Nothing sleeps any more but the permits of the last second.
    expect(world.clock.waits.every((ms) => ms <= slow.windowMs + 100)).toBe(true);
  });
});

describe('stopAt', () => {
  const sentence = 'stopped at 16:01 by windows.stopAt (UTC)';

  test('ends the run: what has left is recorded, the rest is not called', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(20),
      answer: () => enrolled,
      rate: slow,
      stopAt: { at: at(1), sentence },
    });
    const running = world.run();
    await until(() => world.count('record') === 1);
    await world.clock.advance(10_100);
    await until(() => world.count('record') === 2);
    await world.clock.advance(MINUTE);
    expect(await running).toEqual({ kind: 'limit', cause: 'stop_at', sentence });
    expect(world.count('send')).toBeLessThan(10);
    expect(world.count('record')).toBe(world.count('send'));
    expect(world.count('unmark') + world.count('record')).toBe(world.count('mark'));
    // Nothing sleeps any more but the permits of the last second.
    expect(world.clock.waits.every((ms) => ms <= slow.windowMs + 100)).toBe(true);
  });

  test('also in the middle of a blackout', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: () => enrolled,
      blackout: [parseBlackout('15:00-17:00')],
      stopAt: { at: at(1), sentence },
    });
    const running = world.run();
    await world.clock.advance(1.1 * MINUTE);
    expect(await running).toEqual({ kind: 'limit', cause: 'stop_at', sentence });
    expect(world.happenings).toEqual([]);
  });

  test('is over before the first call when its time has come already', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: () => enrolled,
      stopAt: { at: at(-1), sentence },
    });
    expect(await world.run()).toEqual({ kind: 'limit', cause: 'stop_at', sentence });
    expect(world.count('send')).toBe(0);
  });

  test('says nothing of a run that is done before', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: () => enrolled,
      stopAt: { at: at(1), sentence },
    });
    expect(await world.run()).toBeNull();
    // Nothing sleeps any more but the permits of the last second.
    expect(world.clock.waits.every((ms) => ms <= slow.windowMs + 100)).toBe(true);
  });
});
