import { expect, test } from 'vitest';
import { parseBlackout } from '../../src/config/job-file/call-hours-settings.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';
import { fullestWindow } from './windows.ts';

const RATE = 20;
const PAUSED_AT = 25;
const PAUSE_MS = 20_000;
/** Every second call of these is answered 500, more than enough to slow the run down. */
const FAULTS = { from: 30, to: 56 };

/** No 100 ms holds more than one and a half times its share of the rate, and two. */
const MOST_IN_100_MS = Math.floor(1.5 * (RATE / 10) + 2);

test('after a blackout, a pause and a slow-down calls are spread as before', async () => {
  const departures: number[] = [];
  const world = createDispatchWorld({
    records: claimedRecords(75),
    concurrency: 16,
    adaptive: true,
    burst: 1,
    rate: { count: RATE, windowMs: 1_000 },
    // The stub clock begins at 16:00 UTC: all slots wait for the end of it.
    blackout: [parseBlackout('15:00-16:05')],
    attempts: 5,
    answer: async () => {
      const call = departures.push(world.clock.monotonic());
      await world.clock.sleep(60);
      if (call === PAUSED_AT) return answered(429, null, PAUSE_MS);
      const isFault = call >= FAULTS.from && call < FAULTS.to && call % 2 === 0;
      return isFault ? answered(500, null) : enrolled;
    },
  });
  expect(await world.runThroughTime()).toBeNull();

  expect(world.progress.map(({ state }) => (state.kind === 'paused' ? state.why : state.kind))).toEqual(
    expect.arrayContaining(['blackout', 'throttled', 'slowed', 'running']),
  );
  const gaps = departures.slice(1).map((at, index) => at - (departures[index] ?? at));
  expect(Math.max(...gaps)).toBeGreaterThanOrEqual(PAUSE_MS);
  expect(fullestWindow(departures, 100)).toBeLessThanOrEqual(MOST_IN_100_MS);
  expect(fullestWindow(departures, 1_000)).toBeLessThanOrEqual(RATE);
  // The rate is used all the same where nothing holds it back: before the pause.
  expect(fullestWindow(departures.slice(0, PAUSED_AT - 1), 1_000)).toBeGreaterThan(0.8 * RATE);
});
