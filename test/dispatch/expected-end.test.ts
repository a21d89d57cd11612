import { describe, expect, test } from 'vitest';
import { parseBlackout } from '../../src/config/job-file/call-hours-settings.ts';
import { expectEnd, type CallsAhead } from '../../src/dispatch/progress/expected-end.ts';
import { createCallHours } from '../../src/dispatch/windows/call-hours.ts';

const zone = 'Asia/Seoul';
const now = at('23:00');

/** On the evening of a day in Seoul, or in the morning after it. */
function at(time: string): Date {
  const day = time > '12:00' ? '2026-11-24' : '2026-11-25';
  return new Date(`${day}T${time}:00+09:00`);
}

function ahead(overrides: Partial<CallsAhead> = {}, blackout: readonly string[] = []): CallsAhead {
  return {
    left: 36_000,
    callsPerRecord: 1,
    usualPerSecond: 10,
    rates: [{ count: 20, windowMs: 1_000 }],
    pausedUntil: null,
    stopAt: null,
    hours: createCallHours({ blackout: blackout.map(parseBlackout), stopAt: null }, zone),
    ...overrides,
  };
}

test('what is left, at the speed of late', () => {
  expect(expectEnd(ahead(), now)).toEqual({ kind: 'done', at: at('00:00') });
  expect(expectEnd(ahead({ callsPerRecord: 2 }), now)).toEqual({ kind: 'done', at: at('01:00') });
  expect(expectEnd(ahead({ left: 0, usualPerSecond: 0 }), now)).toEqual({ kind: 'done', at: now });
});

test('while no speed is known, and above it, the limit', () => {
  const halfAnHour = { kind: 'done', at: at('23:30') };
  expect(expectEnd(ahead({ usualPerSecond: null }), now)).toEqual(halfAnHour);
  expect(expectEnd(ahead({ usualPerSecond: 500 }), now)).toEqual(halfAnHour);
  const perMinute = [
    { count: 20, windowMs: 1_000 },
    { count: 300, windowMs: 60_000 },
  ];
  expect(expectEnd(ahead({ rates: perMinute }), now)).toEqual({ kind: 'done', at: at('01:00') });
});

test("a day's allowance holds nobody up until it is used", () => {
  const rates = [
    { count: 20, windowMs: 1_000 },
    { count: 36_000, windowMs: 86_400_000 },
  ];
  expect(expectEnd(ahead({ rates }), now)).toEqual({ kind: 'done', at: at('00:00') });
  const later = new Date(now.getTime() + 86_400_000);
  expect(expectEnd(ahead({ rates, left: 36_001 }), now)).toEqual({ kind: 'done', at: later });
});

test('a blackout and a pause are counted in', () => {
  expect(expectEnd(ahead({}, ['23:30-00:30']), now)).toEqual({ kind: 'done', at: at('01:00') });
  expect(expectEnd(ahead({ pausedUntil: at('23:10') }), now)).toEqual({ kind: 'done', at: at('00:10') });
  expect(expectEnd(ahead({ pausedUntil: at('22:10') }), now)).toEqual({ kind: 'done', at: at('00:00') });
});

test('where nothing moves nobody can tell', () => {
  expect(expectEnd(ahead({ usualPerSecond: 0 }), now)).toBeNull();
});

describe('stopAt', () => {
  test('that comes after the end changes nothing', () => {
    expect(expectEnd(ahead({ stopAt: at('00:00') }), now)).toEqual({ kind: 'done', at: at('00:00') });
  });

  test('that comes before it is the end, and some are left', () => {
    const stopAt = at('23:45');
    expect(expectEnd(ahead({ stopAt }), now)).toEqual({ kind: 'stopped', at: stopAt, left: 9_000 });
    expect(expectEnd(ahead({ stopAt }, ['23:30-00:30']), now)).toMatchObject({ left: 18_000 });
    expect(expectEnd(ahead({ stopAt, usualPerSecond: 0 }), now)).toMatchObject({ left: 36_000 });
    expect(expectEnd(ahead({ stopAt, pausedUntil: at('00:30') }), now)).toMatchObject({ left: 36_000 });
  });
});
