import { expect, test } from 'vitest';
import { closingOf } from '../../../src/service/serve/start-window.ts';

const due = new Date('2026-11-23T16:00:00Z');

test.each([
  ['stopAt', 5 * 60 + 30, 'Asia/Seoul', '2026-11-23T20:30:00.000Z'],
  ['noon, without stopAt', null, 'Asia/Seoul', '2026-11-24T03:00:00.000Z'],
  ['noon, where stopAt is later', 13 * 60, 'Asia/Seoul', '2026-11-24T03:00:00.000Z'],
  ['the next noon of a start in the afternoon', null, 'UTC', '2026-11-24T12:00:00.000Z'],
  ['the next day’s stopAt of a start at stopAt', 60, 'Asia/Seoul', '2026-11-24T03:00:00.000Z'],
])('a window closes at %s', (_, stopAt, timeZone, closes) => {
  expect(closingOf(due, { windows: { blackout: [], stopAt }, timeZone }).toISOString()).toBe(closes);
});
