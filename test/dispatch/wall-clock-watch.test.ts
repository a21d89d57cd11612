import { describe, expect, test } from 'vitest';
import { createWallClockWatch } from '../../src/dispatch/guards/wall-clock-watch.ts';
import { createStubClock, until } from '../support/stub-clock.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';

const MINUTE = 60_000;

describe('the watch', () => {
  test.each([
    ['back', -1],
    ['forward', 1],
  ])('bears five minutes %s and no more, however long the time', async (direction, sign) => {
    const clock = createStubClock();
    const watch = createWallClockWatch(clock);
    await clock.advance(1_000 * MINUTE);
    clock.shiftWall(sign * 5 * MINUTE);
    expect(watch.check()).toBeNull();
    clock.shiftWall(sign * 115 * MINUTE);
    expect(watch.check()).toContain(`was put ${direction} by 2 h 0 min while calls were made`);
    clock.shiftWall(sign * -120 * MINUTE);
    expect(watch.check()).toBeNull();
  });
});

describe('a run whose machine has its clock put elsewhere', () => {
  test('stops before the next call, and says which clock', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(20),
      concurrency: 1,
      answer: (recordNo) => {
        if (recordNo === '3') world.clock.shiftWall(-120 * MINUTE);
        return enrolled;
      },
    });
    const reason = await world.run();
    expect(reason).toMatchObject({ kind: 'limit', cause: 'clock' });
    expect(JSON.stringify(reason)).toContain("this machine's clock was put back by 2 h 0 min");
    expect([world.count('send'), world.count('record')]).toEqual([3, 3]);
  });

  test('goes on where it is less than five minutes', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(20),
      concurrency: 1,
      answer: (recordNo) => {
        if (recordNo === '3') world.clock.shiftWall(-4 * MINUTE);
        return enrolled;
      },
    });
    expect(await world.run()).toBeNull();
    expect(world.count('record')).toBe(20);
  });

  test('stops within a minute while it waits', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(5),
      concurrency: 2,
      answer: () => answered(429, null, 9 * MINUTE),
    });
    const running = world.run();
    await until(() => world.clock.waits.includes(9 * MINUTE));
    world.clock.shiftWall(10 * MINUTE);
    await world.clock.advance(MINUTE);
    expect(await running).toMatchObject({ kind: 'limit', cause: 'clock' });
  });
});
