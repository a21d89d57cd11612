import { expect, test } from 'vitest';
import { createCallPace } from '../../src/dispatch/progress/call-pace.ts';
import type { DispatchProgress } from '../../src/dispatch/progress/dispatch-progress.ts';
import { createCallHours } from '../../src/dispatch/windows/call-hours.ts';
import { parseBlackout } from '../../src/config/job-file/call-hours-settings.ts';
import { parseProgress } from '../../src/cli/views/live-runs.ts';
import type { LockedEnvironment, RunProgress } from '../../src/run/run-environment.ts';
import { startTelling } from '../../src/run/calling/progress-teller.ts';
import { createStubClock } from '../support/stub-clock.ts';

/** The stub clock begins at 01:00 in Seoul. */
const zone = 'Asia/Seoul';

function setup(options: { readonly due: number; readonly blackout?: string; readonly stopAt?: Date }) {
  const clock = createStubClock();
  const told: RunProgress[] = [];
  const published: unknown[] = [];
  const pace = createCallPace(clock);
  const blackout = options.blackout === undefined ? [] : [parseBlackout(options.blackout)];
  const telling = startTelling(
    {
      clock,
      configuration: { limits: { rates: [{ count: 10, windowMs: 1_000, unit: 's' }] }, timeZone: zone },
      stopAt: options.stopAt === undefined ? null : { at: options.stopAt, sentence: '' },
      observer: { progress: (progress: RunProgress) => void told.push(progress) },
      lock: { publish: (progress: unknown) => void published.push(progress) },
    } as unknown as LockedEnvironment,
    {
      caller: { id: 'r1', provider: 'sandbox', size: 1_000 },
      due: options.due,
      pace,
      hours: createCallHours({ blackout, stopAt: null }, zone),
    },
  );
  return { clock, telling, pace, told, published };
}

function progressOf(overrides: Partial<DispatchProgress> = {}): DispatchProgress {
  return { calls: 0, inFlight: 0, delayed: 0, final: {}, state: { kind: 'running' }, ...overrides };
}

test('each second, also while nothing happens, and no longer than the calls', async () => {
  const { clock, telling, told } = setup({ due: 600 });
  await clock.advance(3_000);
  expect(told).toHaveLength(3);
  expect(told[2]?.end).toEqual({ kind: 'done', at: new Date(clock.now().getTime() + 60_000) });
  await telling.end();
  expect(clock.sleeping).toBe(0);
  await clock.advance(3_000);
  expect(told).toHaveLength(3);
});

test('of calls that come by the hundred some are told, and the last and every new state in any case', async () => {
  const { clock, telling, told } = setup({ due: 600 });
  for (let calls = 1; calls <= 400; calls += 1) {
    telling.tell(progressOf({ calls }));
    if (calls % 10 === 0) await clock.advance(1);
  }
  expect(told.map(({ calls }) => calls)).toEqual([1, 201]);
  telling.tell(progressOf({ calls: 401, state: { kind: 'canary' } }));
  telling.tell(progressOf({ calls: 402, state: { kind: 'canary' } }));
  expect(told.at(-1)).toMatchObject({ calls: 401, state: { kind: 'canary' } });
  await telling.end();
  expect(told.at(-1)).toMatchObject({ calls: 402 });
});

test('speed, latency and end are those of now; a record that takes two calls counts twice', async () => {
  const { clock, telling, told, pace } = setup({ due: 600 });
  for (let second = 1; second <= 20; second += 1) {
    for (let call = 0; call < 4; call += 1) pace.observe(25);
    telling.tell(progressOf({ calls: second * 4, final: { enrolled: second * 2 } }));
    await clock.advance(1_000);
  }
  const last = told.at(-1);
  expect(last).toMatchObject({ runId: 'r1', due: 600, rowsRead: 1_000, allowed: '10/s', timeZone: zone });
  expect(last?.pace).toEqual({ perSecond: 4, usualPerSecond: 4, p50Ms: 25, p99Ms: 25 });
  // 560 records left, two calls each, four calls a second.
  expect(last?.end).toEqual({ kind: 'done', at: new Date(clock.now().getTime() + 280_000) });
  await telling.end();
});

test('calls that finish no record give no end; with the first finished record it counts their calls', async () => {
  const { clock, telling, told, pace } = setup({ due: 70 });
  for (let second = 1; second <= 5; second += 1) {
    for (let call = 0; call < 10; call += 1) pace.observe(25);
    telling.tell(progressOf({ calls: second * 10, delayed: 16 }));
    await clock.advance(1_000);
  }
  expect(told.at(-1)).toMatchObject({ calls: 50, end: null });
  for (let call = 0; call < 10; call += 1) pace.observe(25);
  telling.tell(progressOf({ calls: 60, delayed: 10, final: { enrolled: 10 } }));
  await clock.advance(1_000);
  // 60 records left, six calls each, ten a second.
  expect(told.at(-1)?.end).toEqual({ kind: 'done', at: new Date(clock.now().getTime() + 36_000) });
  await telling.end();
});

test('a pause is told to its end, and its time is no slowness', async () => {
  const { clock, telling, told, pace } = setup({ due: 600 });
  for (let second = 1; second <= 10; second += 1) {
    for (let call = 0; call < 10; call += 1) pace.observe(25);
    await clock.advance(1_000);
  }
  const until = new Date(clock.now().getTime() + 60_000);
  telling.tell(
    progressOf({ calls: 100, final: { enrolled: 100 }, state: { kind: 'paused', until, why: 'throttled' } }),
  );
  const end = { kind: 'done', at: new Date(until.getTime() + 50_000) };
  expect(told.at(-1)).toMatchObject({ state: { kind: 'paused' }, end });
  await clock.advance(59_000);
  expect(told.at(-1)).toMatchObject({ state: { kind: 'paused' }, end, pace: { perSecond: 0 } });
  await clock.advance(1_000);
  expect(told.at(-1)).toMatchObject({ state: { kind: 'running' }, end });
  await telling.end();
});

test('a blackout and stopAt are counted in', async () => {
  const { clock, telling, told } = setup({
    due: 36_000,
    blackout: '01:30-02:30',
    stopAt: new Date('2026-11-24T02:45:00+09:00'),
  });
  await clock.advance(1_000);
  expect(told[0]?.end).toMatchObject({ kind: 'stopped', at: new Date('2026-11-24T02:45:00+09:00') });
  const { end } = told[0] ?? {};
  expect(end?.kind === 'stopped' ? Math.round(end.left / 100) : end).toBe(90);
  await telling.end();
});

test('what is published can be read back by another process', async () => {
  const { telling, published } = setup({ due: 600 });
  telling.tell(progressOf({ calls: 1, inFlight: 1, final: { enrolled: 1 } }));
  expect(parseProgress(JSON.parse(JSON.stringify(published[0])))).toMatchObject({
    runId: 'r1',
    due: 600,
    final: { enrolled: 1 },
    state: { kind: 'running' },
    allowed: '10/s',
    timeZone: zone,
    end: { kind: 'done' },
  });
  await telling.end();
});
