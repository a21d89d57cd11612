import { expect, test } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import { PermitReturns } from '../../src/dispatch/gate/permit-returns.ts';
import { createStubClock, type StubClock } from '../support/stub-clock.ts';

/** Node's timers may fire that much early. */
const SLACK = 2;

function setup() {
  const clock = createStubClock();
  const given: { at: number; count: number }[] = [];
  const returns = new PermitReturns(clock, (count) => {
    given.push({ at: clock.monotonic(), count });
  });
  return { clock, given, returns };
}

test('gives each back at its own time, in whatever order they were added', async () => {
  const { clock, given, returns } = setup();
  for (const due of [300, 100, 200, 100]) returns.add(due);
  await clock.advance(1_000);
  expect(given).toEqual([
    { at: 100 + SLACK, count: 2 },
    { at: 200 + SLACK, count: 1 },
    { at: 300 + SLACK, count: 1 },
  ]);
  expect(clock.sleeping).toBe(0);
});

test('one timer, however many there are', async () => {
  const { clock, returns } = setup();
  for (let due = 1; due <= 100; due += 1) returns.add(due * 10);
  await clock.advance(0);
  expect(clock.sleeping).toBe(1);
});

test('times are rounded up to whole steps, and those of one step come together', async () => {
  const clock = createStubClock();
  const given: { at: number; count: number }[] = [];
  const returns = new PermitReturns(clock, (count) => given.push({ at: clock.monotonic(), count }), 60);
  for (const due of [1, 60, 61, 119]) returns.add(due);
  returns.add(500).bringForward(115);
  await clock.advance(1_000);
  expect(given).toEqual([
    { at: 60 + SLACK, count: 2 },
    { at: 120 + SLACK, count: 3 },
  ]);
});

test('starts again after it had nothing left', async () => {
  const { clock, given, returns } = setup();
  returns.add(100);
  await clock.advance(500);
  returns.add(600);
  await clock.advance(500);
  expect(given).toEqual([
    { at: 100 + SLACK, count: 1 },
    { at: 600 + SLACK, count: 1 },
  ]);
});

test('is brought forward, never put off', async () => {
  const { clock, given, returns } = setup();
  const first = returns.add(1_000);
  const second = returns.add(1_000);
  first.bringForward(400);
  second.bringForward(2_000);
  first.bringForward(700);
  await clock.advance(5_000);
  expect(given).toEqual([
    { at: 400 + SLACK, count: 1 },
    { at: 1_000 + SLACK, count: 1 },
  ]);
});

test('a time that everything was moved away from may be taken again, and gives only what was added then', async () => {
  const { clock, given, returns } = setup();
  const moved = returns.add(500);
  returns.add(800);
  moved.bringForward(300);
  await clock.advance(400);
  returns.add(500);
  returns.add(600).bringForward(550);
  await clock.advance(1_000);
  expect(given).toEqual([
    { at: 300 + SLACK, count: 1 },
    { at: 500 + SLACK, count: 1 },
    { at: 550 + SLACK, count: 1 },
    { at: 800 + SLACK, count: 1 },
  ]);
  expect(clock.sleeping).toBe(0);
});

test('what is due already, after a thread that stood still, is given at once and together', async () => {
  const { clock, given, returns } = setup();
  await clock.advance(10_000);
  for (const due of [100, 200, 300]) returns.add(due);
  await clock.advance(0);
  expect(given.reduce((sum, one) => sum + one.count, 0)).toBe(3);
});

test('a clock that wakes early makes nothing early', async () => {
  const clock = createStubClock();
  const given: number[] = [];
  const returns = new PermitReturns(wakingEarly(clock, 1), () => given.push(clock.monotonic()));
  returns.add(100);
  await clock.advance(1_000);
  expect(given).toHaveLength(1);
  expect(given[0]).toBeGreaterThanOrEqual(100 + SLACK);
});

test('closed, it gives nothing more and sleeps no more', async () => {
  const { clock, given, returns } = setup();
  const held = returns.add(100);
  await clock.advance(0);
  returns.close();
  held.bringForward(50);
  returns.add(60);
  await clock.advance(1_000);
  expect([given, clock.sleeping]).toEqual([[], 0]);
});

function wakingEarly(clock: StubClock, byMs: number): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: async (ms, signal) => {
      await clock.sleep(ms > byMs ? ms - byMs : ms, signal);
    },
  };
}
