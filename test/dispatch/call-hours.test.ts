import { describe, expect, test } from 'vitest';
import { parseBlackout, parseClockTime } from '../../src/config/job-file/call-hours-settings.ts';
import { createCallHours, stopTimeOf } from '../../src/dispatch/windows/call-hours.ts';

const HOUR = 3_600_000;

function seoul(...blackout: string[]) {
  return createCallHours({ blackout: blackout.map(parseBlackout), stopAt: null }, 'Asia/Seoul');
}

/** Wall clock in Seoul, which is nine hours ahead all year. */
function at(day: number, time: string): Date {
  return new Date(Date.parse(`2026-11-${day}T${time}Z`) - 9 * HOUR);
}

describe('a blackout over midnight', () => {
  const hours = seoul('23:30-00:30');

  test.each([
    ['before it', at(24, '23:29:59.999'), null],
    ['its first instant', at(24, '23:30:00'), at(25, '00:30:00')],
    ['at midnight', at(25, '00:00:00'), at(25, '00:30:00')],
    ['its last instant', at(25, '00:29:59.999'), at(25, '00:30:00')],
    ['its end', at(25, '00:30:00'), null],
    ['by day', at(25, '12:00:00'), null],
  ])('%s', (_, now, until) => {
    expect(hours.closedUntil(now)).toEqual(until);
  });

  test('the next beginning, also seen from inside', () => {
    expect(hours.closesAt(at(24, '12:00:00'))).toEqual(at(24, '23:30:00'));
    expect(hours.closesAt(at(24, '23:45:00'))).toEqual(at(25, '23:30:00'));
  });

  test('what was found open is not asked again, and closes all the same', () => {
    expect(hours.closedUntil(at(24, '12:00:00'))).toBeNull();
    expect(hours.closedUntil(at(24, '23:29:59.999'))).toBeNull();
    expect(hours.closedUntil(at(24, '23:30:00'))).toEqual(at(25, '00:30:00'));
    expect(hours.closedUntil(at(24, '11:00:00'))).toBeNull();
  });
});

test('blackouts that touch or overlap are one', () => {
  const hours = seoul('01:00-02:00', '02:00-03:00', '02:30-04:00');
  expect(hours.closedUntil(at(24, '01:10:00'))).toEqual(at(24, '04:00:00'));
  expect(hours.closedUntil(at(24, '04:00:00'))).toBeNull();
});

test('without a blackout it is always open', () => {
  expect(seoul().closedUntil(at(24, '12:00:00'))).toBeNull();
  expect(seoul().closesAt(at(24, '12:00:00'))).toBeNull();
  expect(seoul().after(at(24, '12:00:00'), HOUR)).toEqual(at(24, '13:00:00'));
});

test('a window moves with the clocks: the hour that comes twice is closed both times', () => {
  const hours = createCallHours({ blackout: [parseBlackout('02:00-03:00')], stopAt: null }, 'Europe/Berlin');
  expect(hours.closedUntil(new Date('2026-10-25T00:00:00Z'))).toEqual(new Date('2026-10-25T02:00:00Z'));
  // In spring there is no such hour at all.
  expect(hours.closedUntil(new Date('2026-03-29T00:59:59Z'))).toBeNull();
  expect(hours.closedUntil(new Date('2026-03-29T01:00:00Z'))).toBeNull();
});

describe('open time', () => {
  const hours = seoul('23:30-00:30');

  test('work is done when so much open time has passed', () => {
    expect(hours.after(at(24, '22:30:00'), HOUR)).toEqual(at(24, '23:30:00'));
    expect(hours.after(at(24, '22:30:00'), HOUR + 1)).toEqual(at(25, '00:30:00.001'));
    expect(hours.after(at(24, '23:45:00'), HOUR)).toEqual(at(25, '01:30:00'));
    expect(hours.after(at(24, '12:00:00'), 46 * HOUR)).toEqual(at(26, '12:00:00'));
  });

  test('between two instants', () => {
    expect(hours.openTime(at(24, '22:30:00'), at(25, '01:30:00'))).toBe(2 * HOUR);
    expect(hours.openTime(at(24, '23:40:00'), at(25, '00:10:00'))).toBe(0);
    expect(hours.openTime(at(24, '12:00:00'), at(26, '12:00:00'))).toBe(46 * HOUR);
  });
});

test('stopAt is the next such time after the work began', () => {
  const hours = { blackout: [], stopAt: parseClockTime('05:30') };
  expect(stopTimeOf(hours, 'Asia/Seoul', at(24, '01:00:00'))).toEqual({
    at: at(24, '05:30:00'),
    sentence: 'stopped at 05:30 by windows.stopAt (Asia/Seoul)',
  });
  expect(stopTimeOf(hours, 'Asia/Seoul', at(24, '05:30:00'))?.at).toEqual(at(25, '05:30:00'));
  expect(stopTimeOf({ ...hours, stopAt: null }, 'Asia/Seoul', at(24, '01:00:00'))).toBeNull();
});
