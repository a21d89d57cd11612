import { expect, test } from 'vitest';
import { createCronLine } from '../../src/config/job-file/cron-line.ts';

const seoul = createCronLine('0 1 * * *', 'Asia/Seoul');

test('the next start is by the clock of the time zone, and never now', () => {
  expect(seoul.next(new Date('2026-11-23T15:59:59.999Z'))).toEqual(new Date('2026-11-23T16:00:00Z'));
  expect(seoul.next(new Date('2026-11-23T16:00:00Z'))).toEqual(new Date('2026-11-24T16:00:00Z'));
});

test.each([
  ['2026-11-23T15:00:00Z', '2026-11-23T15:59:59Z', null],
  ['2026-11-23T15:00:00Z', '2026-11-23T16:00:00Z', { at: '2026-11-23T16:00:00Z', earlier: 0 }],
  ['2026-11-23T16:00:00Z', '2026-11-24T15:00:00Z', null],
  ['2026-11-20T16:00:00Z', '2026-11-24T00:00:00Z', { at: '2026-11-23T16:00:00Z', earlier: 2 }],
  ['2026-11-24T00:00:00Z', '2026-11-23T00:00:00Z', null],
])('after %s, up to %s: %j', (since, until, found) => {
  expect(seoul.lastBetween(new Date(since), new Date(until))).toEqual(
    found === null ? null : { ...found, at: new Date(found.at) },
  );
});

test.each([
  [
    'the skipped hour',
    '30 2 * * *',
    '2026-03-08T06:00:00Z',
    ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
  ],
  [
    'the hour that comes twice',
    '30 1 * * *',
    '2026-11-01T04:00:00Z',
    ['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
  ],
])('a time in %s comes once', (_, line, from, starts) => {
  const cron = createCronLine(line, 'America/New_York');
  const first = cron.next(new Date(from));
  expect([first, cron.next(first)].map((at) => at.toISOString().replace('.000', ''))).toEqual(starts);
});
