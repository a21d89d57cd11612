import { expect, test } from 'vitest';
import { createCallPace } from '../../src/dispatch/progress/call-pace.ts';
import { createStubClock } from '../support/stub-clock.ts';

function setup() {
  const clock = createStubClock();
  const pace = createCallPace(clock);
  /** `perSecond` calls in each of so many seconds. */
  async function call(seconds: number, perSecond: number, latencyMs = 10): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (let count = 0; count < perSecond; count += 1) pace.observe(latencyMs);
      await clock.advance(1_000);
    }
  }
  return { clock, pace, call };
}

test('before the first call there is nothing to tell, however long that takes', async () => {
  const { pace, clock } = setup();
  await clock.advance(5_000);
  expect(pace.read(false)).toEqual({ perSecond: 0, usualPerSecond: null, p50Ms: null, p99Ms: null });
});

test('the speed is that of late, not the mean since the start', async () => {
  const { pace, call } = setup();
  await call(60, 20);
  expect(pace.read(false).perSecond).toBeCloseTo(20);
  await call(10, 4);
  expect(pace.read(false).perSecond).toBeCloseTo(4);
  await call(5, 0);
  expect(pace.read(false).perSecond).toBeCloseTo(2);
  await call(60, 0);
  expect(pace.read(false)).toMatchObject({ perSecond: 0, usualPerSecond: 0 });
});

test('a run that keeps its limit never seems to be above it, also when its calls leave together', async () => {
  const { pace, clock } = setup();
  for (let second = 0; second < 15; second += 1) {
    for (let count = 0; count < 20; count += 1) pace.observe(1);
    await clock.advance(50);
    expect(pace.read(false).perSecond).toBe(20);
    await clock.advance(950);
  }
});

test('a pause brings the speed down, but what is usual stays', async () => {
  const { pace, call, clock } = setup();
  await call(30, 20);
  pace.read(true);
  for (let minute = 0; minute < 10; minute += 1) {
    await clock.advance(60_000);
    pace.read(true);
  }
  expect(pace.read(false)).toMatchObject({ perSecond: 0, usualPerSecond: 20 });
  await call(30, 10);
  expect(pace.read(false).usualPerSecond).toBeCloseTo(10);
});

test('latencies are those of the last calls', async () => {
  const { pace, call } = setup();
  for (let ms = 1; ms <= 100; ms += 1) pace.observe(ms);
  expect(pace.read(false)).toMatchObject({ p50Ms: 50, p99Ms: 99 });
  await call(10, 50, 7);
  expect(pace.read(false)).toMatchObject({ p50Ms: 7, p99Ms: 7 });
});
