import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nightOf } from '../../src/domain/night.ts';

describe('nightOf', () => {
  test.each([
    [
      'a run at one in the morning belongs to the evening before',
      '2026-11-23T01:00:00+09:00',
      'Asia/Seoul',
      '2026-11-22',
    ],
    ['a run before midnight', '2026-11-22T23:59:59.999+09:00', 'Asia/Seoul', '2026-11-22'],
    ['the last moment before noon', '2026-11-23T11:59:59.999+09:00', 'Asia/Seoul', '2026-11-22'],
    ['noon', '2026-11-23T12:00:00.000+09:00', 'Asia/Seoul', '2026-11-23'],
    ['midnight itself', '2026-11-23T00:00:00.000+09:00', 'Asia/Seoul', '2026-11-22'],
    ['the same instant elsewhere', '2026-11-22T16:00:00Z', 'UTC', '2026-11-22'],
    ['and elsewhere still', '2026-11-22T16:00:00Z', 'America/Los_Angeles', '2026-11-21'],
    ['a zone of half an hour', '2026-11-22T06:30:00Z', 'Asia/Kolkata', '2026-11-22'],
    ['a month ends', '2026-12-01T03:00:00+09:00', 'Asia/Seoul', '2026-11-30'],
    ['a year ends', '2027-01-01T03:00:00+09:00', 'Asia/Seoul', '2026-12-31'],
    ['a leap day', '2028-03-01T03:00:00+09:00', 'Asia/Seoul', '2028-02-29'],
  ])('%s', (_, instant, timeZone, night) => {
    expect(nightOf(new Date(instant), timeZone)).toBe(night);
  });

  test.each([
    ['spring forward, before noon', '2026-03-29T11:59:59+02:00', '2026-03-28'],
    ['spring forward, noon', '2026-03-29T12:00:00+02:00', '2026-03-29'],
    ['fall back, before noon', '2026-10-25T11:59:59+01:00', '2026-10-24'],
    ['fall back, noon', '2026-10-25T12:00:00+01:00', '2026-10-25'],
    ['the hour that comes twice, first', '2026-10-25T02:30:00+02:00', '2026-10-24'],
    ['the hour that comes twice, second', '2026-10-25T02:30:00+01:00', '2026-10-24'],
  ])('where the clocks change: %s', (_, instant, night) => {
    expect(nightOf(new Date(instant), 'Europe/Berlin')).toBe(night);
  });

  test('never goes back, and a zone without clock changes has nights of 24 hours', () => {
    const instant = fc.date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2040-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 48 * 3_600_000 }), (at, later) => {
        const after = new Date(at.getTime() + later);
        for (const zone of ['Asia/Seoul', 'Europe/Berlin', 'America/New_York']) {
          expect(nightOf(after, zone) >= nightOf(at, zone)).toBe(true);
        }
        const nextDay = new Date(at.getTime() + 24 * 3_600_000);
        const [now, next] = [nightOf(at, 'Asia/Seoul'), nightOf(nextDay, 'Asia/Seoul')];
        expect(Date.parse(next) - Date.parse(now)).toBe(24 * 3_600_000);
      }),
    );
  });
});
