import { describe, expect, test } from 'vitest';
import { readRetryAfterMs, readServerDate } from '../../src/konaplate/response-headers.ts';

const arrivedAt = new Date('2026-11-23T00:00:00.000Z');
const tenMinutes = 600_000;

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['2', 2_000],
    ['1.5', 1_500],
    ['-5', 0],
    ['600', tenMinutes],
    ['86400', tenMinutes],
    ['9'.repeat(400), tenMinutes],
    ['Mon, 23 Nov 2026 00:00:30 GMT', 30_000],
    ['Monday, 23-Nov-26 00:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 23:59:00 GMT', 0],
    ['Mon, 23 Nov 2026 09:00:00 GMT', tenMinutes],
    ['soon', null],
    ['', null],
    ['garbage 1', null],
    ['Mon, 99 Nov 2026 00:00:30 GMT', null],
    ['NaN', null],
  ])('%.40s', (value, expected) => {
    expect(readRetryAfterMs({ 'retry-after': value }, arrivedAt)).toBe(expected);
  });

  test('none given', () => {
    expect(readRetryAfterMs({}, arrivedAt)).toBeNull();
  });

  test('the first of several counts', () => {
    expect(readRetryAfterMs({ 'retry-after': ['3', '9'] }, arrivedAt)).toBe(3_000);
  });

  test("a date is measured against the provider's own clock", () => {
    const headers = { date: 'Mon, 23 Nov 2026 08:00:00 GMT', 'retry-after': 'Mon, 23 Nov 2026 08:00:20 GMT' };
    expect(readRetryAfterMs(headers, arrivedAt)).toBe(20_000);
  });
});

test('the server date', () => {
  expect(readServerDate({ date: 'Mon, 23 Nov 2026 08:00:00 GMT' })).toEqual(new Date('2026-11-23T08:00:00Z'));
  expect(readServerDate({ date: 'yesterday' })).toBeNull();
  expect(readServerDate({})).toBeNull();
});
