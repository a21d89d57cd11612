import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../src/config/job-file/duration.ts';
import { nearestKey } from '../../src/config/job-file/nearest-key.ts';
import { formatRate, parseRates } from '../../src/config/job-file/rate-limit.ts';

test.each([
  ['1ms', 1],
  ['500ms', 500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['24h', 86_400_000],
  ['90d', 7_776_000_000],
])('the duration %s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '10', 's', '0s', '-1s', '1.5s', '1 s', '10S', '10sec', '1s ', '1234567890s'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

describe('rates', () => {
  test('one or several, in their order', () => {
    expect(parseRates('20/s, 600/min,100000/day')).toEqual([
      { count: 20, windowMs: 1000, unit: 's' },
      { count: 600, windowMs: 60_000, unit: 'min' },
      { count: 100_000, windowMs: 86_400_000, unit: 'day' },
    ]);
  });

  test.each(['', '20', '20/h', '0/s', '1/s,1/s', '1/s,', '-1/s', '1e3/s', '1 /s'])('"%s" is none', (text) => {
    expect(parseRates(text)).toBeNull();
  });

  test('are written as they are read', () => {
    expect(parseRates('600/min')?.map(formatRate)).toEqual(['600/min']);
  });
});

test('the nearest key is the one meant, or none', () => {
  const known = ['rate', 'concurrency', 'timeout', 'job'];
  const meant = ['raet', 'Concurrency', 'concurency', 'time-out', 'jobs', 'x', 'list'].map((key) =>
    nearestKey(key, known),
  );
  expect(meant).toEqual(['rate', 'concurrency', 'concurrency', 'timeout', 'job', null, null]);
});
