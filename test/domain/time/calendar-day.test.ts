import { describe, expect, test } from 'vitest';
import {
  dayOf,
  startOfDay,
  startOfNextDay,
  startOfNextNight,
} from '../../../src/domain/time/calendar-day.ts';

describe.each([
  ['Asia/Seoul', '2026-11-24T15:00:00Z', '2026-11-25', '2026-11-24T15:00:00Z', '2026-11-25T15:00:00Z'],
  ['Asia/Seoul', '2026-11-24T14:59:59.999Z', '2026-11-24', '2026-11-23T15:00:00Z', '2026-11-24T15:00:00Z'],
  // A day of 25 hours and one of 23.
  ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-29', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
  // Clocks were put forward at midnight: the day began at 01:00.
  ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-24', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
])('%s at %s', (timeZone, instant, day, start, next) => {
  const at = new Date(instant);
  test('the day and its bounds', () => {
    expect(dayOf(at, timeZone)).toBe(day);
    expect(startOfDay(at, timeZone)).toEqual(new Date(start));
    expect(startOfNextDay(at, timeZone)).toEqual(new Date(next));
  });
});

test.each([
  ['2026-11-24T02:59:59Z', '2026-11-24T03:00:00Z'],
  ['2026-11-24T03:00:00Z', '2026-11-25T03:00:00Z'],
])('the night after that of %s begins at noon', (instant, next) => {
  expect(startOfNextNight(new Date(instant), 'Asia/Seoul')).toEqual(new Date(next));
});
