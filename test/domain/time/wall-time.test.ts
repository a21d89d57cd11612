import { expect, test } from 'vitest';
import { secondsOf, wallTime, zonedTime, zonedTimeOfText } from '../../../src/domain/time/wall-time.ts';

const instant = new Date('2026-11-22T16:05:09.123Z');

test('times as people read them in a place', () => {
  expect(wallTime(instant, 'Asia/Seoul')).toBe('2026-11-23 01:05');
  expect(secondsOf(instant, 'Asia/Seoul')).toBe('2026-11-23 01:05:09');
  expect(zonedTime(instant, 'Europe/Berlin')).toBe('2026-11-22 17:05 Europe/Berlin');
});

test('an instant that another process wrote, and a word that is none', () => {
  expect(zonedTimeOfText(instant.toISOString(), 'Asia/Seoul')).toBe('2026-11-23 01:05 Asia/Seoul');
  expect(zonedTimeOfText('unknown', 'Asia/Seoul')).toBe('unknown');
});
