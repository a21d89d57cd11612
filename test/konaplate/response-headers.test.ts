import { describe, expect, test } from 'vitest';
import { readRetryAfterMs, readServerDate } from '../../src/konaplate/response-headers.ts';

const arrivedAt = new Date('2026-11-23T00:00:00.000Z');
const tenMinutes = 600_000;

describe('Retry-After', () => {
  const now = arrivedAt.getTime();

  test.each([
    ['0', 0],
    ['2', 2_000],
    ['1.5', 1_500],
    ['-5', 0],
    ['30s', 30_000],
    ['30 seconds', 30_000],
    ['600', tenMinutes],
    ['86400', 86_400_000],
    ['9'.repeat(400), 366 * 86_400_000],
    ['Mon, 23 Nov 2026 00:00:30 GMT', 30_000],
    ['Monday, 23-Nov-26 00:00:30 GMT', 30_000],
    ['Mon Nov 23 00:00:30 2026', 30_000],
    ['Tue Dec  1 00:00:00 2026', 8 * 86_400_000],
    ['2026-11-23T09:00:30+09:00', 30_000],
    ['Sun, 22 Nov 2026 23:59:00 GMT', 0],
    ['Mon, 23 Nov 2026 09:00:00 GMT', 9 * 3_600_000],
    [String(now / 1000 + 90), 90_000],
    [String(now + 90_000), 90_000],
    [String(now / 1000 - 90), 0],
    [String(now - 90_000), 0],
    ['3, 9', 9_000],
    ['9,3', 9_000],
    ['soon, 3', 3_000],
    ['Mon, 23 Nov 2026 00:00:30 GMT, 20', 30_000],
    ['20, Mon, 23 Nov 2026 00:00:30 GMT', 30_000],
    ['Monday, 23-Nov-26 00:00:30 GMT,40', 40_000],
    [`5, ${now / 1000 + 90}`, 90_000],
    ['soon', null],
    ['', null],
    [',', null],
    ['garbage 1', null],
    ['Mon, 99 Nov 2026 00:00:30 GMT', null],
    ['Mon Nov 99 00:00:30 2026', null],
    ['NaN', null],
    ['1e3', null],
    ['0x10', null],
  ])('%.40s', (value, expected) => {
    expect(readRetryAfterMs({ 'retry-after': value }, arrivedAt)).toBe(expected);
  });

  test('none given', () => {
    expect(readRetryAfterMs({}, arrivedAt)).toBeNull();
  });

  test.each([
    [['3', '9'], 9_000],
    [['9', '3'], 9_000],
    [['soon', '3'], 3_000],
    [['3', 'Mon, 23 Nov 2026 00:00:30 GMT'], 30_000],
    [['soon', ''], null],
  ])('of several headers %j the longest that can be read counts', (values, expected) => {
    expect(readRetryAfterMs({ 'retry-after': values }, arrivedAt)).toBe(expected);
  });

  test("a date is measured against the provider's own clock", () => {
    const headers = { date: 'Mon, 23 Nov 2026 08:00:00 GMT', 'retry-after': 'Mon, 23 Nov 2026 08:00:20 GMT' };
    expect(readRetryAfterMs(headers, arrivedAt)).toBe(20_000);
    const epoch = { ...headers, 'retry-after': String(Date.parse(headers.date) / 1000 + 20) };
    expect(readRetryAfterMs(epoch, arrivedAt)).toBe(20_000);
  });
});

test('the server date', () => {
  expect(readServerDate({ date: 'Mon, 23 Nov 2026 08:00:00 GMT' })).toEqual(new Date('2026-11-23T08:00:00Z'));
  expect(readServerDate({ date: 'yesterday' })).toBeNull();
  expect(readServerDate({})).toBeNull();
});
