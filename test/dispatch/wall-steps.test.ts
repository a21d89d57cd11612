import { expect, test } from 'vitest';
import { WallSteps } from '../../src/dispatch/progress/wall-steps.ts';
import { createStubClock } from '../support/stub-clock.ts';
import { claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';
import { fullestWindow } from './windows.ts';

const MINUTE = 60_000;

test('a clock that nobody touches says when calls left', async () => {
  const clock = createStubClock();
  const steps = new WallSteps(clock, clock.now());
  expect(steps.steady(clock.now())).toBeNull();
  await clock.advance(10 * MINUTE);
  // NTP slews by half a thousandth at most.
  clock.shiftWall(-300);
  expect(steps.steady(clock.now())).toBeNull();
});

test.each([-4 * MINUTE, -200, 200, 4 * MINUTE])(
  'put elsewhere by %i ms, it is told as if it had not',
  async (by) => {
    const clock = createStubClock();
    const began = clock.now().getTime();
    const steps = new WallSteps(clock, null);
    await clock.advance(1_000);
    clock.shiftWall(by);
    expect(steps.steady(clock.now())).toEqual(new Date(began + 1_000));
    await clock.advance(5_000);
    expect(steps.steady(clock.now())).toEqual(new Date(began + 6_000));
    clock.shiftWall(-by);
    expect(steps.steady(clock.now())).toBeNull();
  },
);

test('a process whose clock was put back goes on from its run’s last call', async () => {
  const clock = createStubClock();
  const last = new Date(clock.now().getTime() + 4 * MINUTE);
  const steps = new WallSteps(clock, last);
  await clock.advance(500);
  expect(steps.steady(clock.now())).toEqual(new Date(last.getTime() + 500));
  expect(new WallSteps(clock, new Date(0)).steady(clock.now())).toBeNull();
});

test('a run whose clock is put back in its middle shows the windows that there were', async () => {
  const RATE = 20;
  const world = createDispatchWorld({
    records: claimedRecords(60),
    rate: { count: RATE, windowMs: 1_000 },
    burst: 1,
    answer: (recordNo) => {
      if (recordNo === '30') world.clock.shiftWall(-1_000);
      return enrolled;
    },
  });
  expect(await world.runThroughTime()).toBeNull();
  const byWall = world.recorded.map(({ sentAt }) => sentAt.getTime());
  const steady = world.recorded.map(({ sentAt, steadyAt }) => (steadyAt ?? sentAt).getTime());
  expect(fullestWindow(byWall, 1_000)).toBeGreaterThan(RATE);
  expect(fullestWindow(steady, 1_000)).toBeLessThanOrEqual(RATE);
});
