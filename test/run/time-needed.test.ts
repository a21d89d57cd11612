import { expect, test } from 'vitest';
import { parseRates } from '../../src/config/job-file/rate-limit.ts';
import { parseBlackout, parseClockTime } from '../../src/config/job-file/call-hours-settings.ts';
import { timeNeeded } from '../../src/run/time-needed.ts';

const now = new Date('2026-11-24T16:00:00Z');

function needed(
  due: number,
  rate: string,
  options: { stopAt?: string; blackout?: string; beginsAt?: Date } = {},
) {
  const { stopAt, blackout, beginsAt = now } = options;
  const settings = {
    limits: {
      rates: parseRates(rate) ?? [],
      burst: 1,
      concurrency: 16,
      timeoutMs: 10_000,
      adaptive: false,
      maxCalls: null,
    },
    windows: {
      blackout: blackout === undefined ? [] : [parseBlackout(blackout)],
      stopAt: stopAt === undefined ? null : parseClockTime(stopAt),
    },
    timeZone: 'UTC',
  };
  return timeNeeded(settings, { due, beginsAt, now });
}

test('the slowest of several limits decides', () => {
  expect(needed(1_200, '20/s').secondsAtLeast).toBe(60);
  expect(needed(1_200, '20/s, 600/min').secondsAtLeast).toBe(120);
});

test('a day’s calls may be made at once, those of the next day not before it', () => {
  expect(needed(1_000, '20/s, 1000/day').secondsAtLeast).toBe(50);
  expect(needed(1_001, '20/s, 1000/day').secondsAtLeast).toBe(86_400);
});

test('a blackout on the way adds its length', () => {
  const { endsAt, secondsAtLeast } = needed(7_200, '1/s', { blackout: '17:00-17:30' });
  expect(secondsAtLeast).toBe(7_200);
  expect(endsAt).toEqual(new Date('2026-11-24T18:30:00Z'));
});

test('before stopAt fits what its open time holds', () => {
  const windows = { blackout: '17:00-17:30', stopAt: '18:00' };
  const stopAt = new Date('2026-11-24T18:00:00Z');
  expect(needed(5_400, '1/s', windows).beforeStop).toEqual({ stopAt, fits: true, calls: 5_400 });
  expect(needed(5_401, '1/s', windows).beforeStop).toEqual({ stopAt, fits: false, calls: 5_400 });
  expect(needed(5_401, '1/s, 100/day', windows).beforeStop).toEqual({ stopAt, fits: false, calls: 100 });
});

test('a list whose turn comes later has less time before the same stopAt', () => {
  const beginsAt = new Date('2026-11-24T17:50:00Z');
  expect(needed(1_000, '1/s', { stopAt: '18:00', beginsAt }).beforeStop).toMatchObject({
    fits: false,
    calls: 600,
  });
  const after = new Date('2026-11-24T18:10:00Z');
  expect(needed(1_000, '1/s', { stopAt: '18:00', beginsAt: after }).beforeStop).toMatchObject({
    fits: false,
    calls: 0,
  });
});

test('nothing to call needs no time', () => {
  expect(needed(0, '1/s', { stopAt: '18:00' })).toEqual({
    secondsAtLeast: 0,
    endsAt: now,
    beforeStop: { stopAt: new Date('2026-11-24T18:00:00Z'), fits: true, calls: 0 },
  });
});
