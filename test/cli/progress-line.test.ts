import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import {
  formatProgress,
  tellCourse,
  stateLasts,
  stateWord,
  type LineStyle,
  type ShownProgress,
} from '../../src/cli/terminal/progress-line.ts';

const now = new Date('2026-11-24T14:00:00Z');
const plain: LineStyle = { columns: Infinity, stress: (text) => text };

function inMinutes(minutes: number): Date {
  return new Date(now.getTime() + minutes * 60_000);
}

function progressOf(overrides: Partial<ShownProgress> = {}): ShownProgress {
  return {
    due: 90,
    final: { bad_data: 2, enrolled: 25 },
    delayed: 0,
    state: { kind: 'running' },
    allowed: '20/s',
    timeZone: 'Asia/Seoul',
    pace: { perSecond: 19.66, usualPerSecond: 19, p50Ms: 12.4, p99Ms: 80.2 },
    end: { kind: 'done', at: inMinutes(64) },
    ...overrides,
  };
}

function lineOf(overrides: Partial<ShownProgress>, style: Partial<LineStyle> = {}): string {
  return formatProgress(progressOf(overrides), now, { ...plain, ...style });
}

test('how many of how many, the state, the speed against the limit, success before the rest, latency, the end', () => {
  expect(lineOf({})).toBe(
    '27/90 called · running · 19.7 calls/s of 20/s · enrolled 25 · bad_data 2 · p50 12 ms, p99 80 ms · ETA 00:04 (1 h 4 min)',
  );
});

test('what is not known or not there is left out', () => {
  expect(lineOf({ pace: null, end: null, final: {} })).toBe('0/90 called · running');
  const none = { perSecond: 0, usualPerSecond: null, p50Ms: null, p99Ms: null };
  expect(lineOf({ pace: none, allowed: null, end: null, final: { enrolled: 0 } })).toBe(
    '0/90 called · running · 0.0 calls/s',
  );
});

test('what waits to be repeated', () => {
  expect(lineOf({ delayed: 3 })).toContain(' · 3 wait to be repeated · ');
});

describe('the state', () => {
  test.each([
    [{ kind: 'canary' }, 'canary: the first are weighed'],
    [{ kind: 'slowed', perSecond: 5, atOnce: null }, 'slowed to 5.0/s'],
    [{ kind: 'paused', until: inMinutes(90), why: 'blackout' }, 'paused until 00:30 (1 h 30 min): blackout'],
    [{ kind: 'paused', until: inMinutes(0.5), why: 'throttled' }, 'paused until 23:00 (30 s): provider asks'],
    [{ kind: 'paused', until: inMinutes(2), why: 'breaker' }, 'paused until 23:02 (2 min): no answers'],
    [{ kind: 'paused', until: now, why: 'blackout' }, 'running'],
  ] as const)('%j', (state, words) => {
    expect(lineOf({ state }).split(' · ')[1]).toBe(words);
  });

  test('is set apart where the run is not as fast as it may be', () => {
    const stress = (text: string): string => `<${text}>`;
    expect(lineOf({ state: { kind: 'slowed', perSecond: 5, atOnce: null } }, { stress })).toContain(
      ' · <slowed to 5.0/s> · ',
    );
    expect(lineOf({}, { stress })).not.toContain('<');
  });

  test('is news when it is another', () => {
    const word = (state: ShownProgress['state']): string => stateWord({ state }, now);
    expect(word({ kind: 'canary' })).toBe(word({ kind: 'running' }));
    expect(word({ kind: 'slowed', perSecond: 5, atOnce: null })).toBe(
      word({ kind: 'slowed', perSecond: 6, atOnce: null }),
    );
    const paused = { kind: 'paused', until: inMinutes(1), why: 'throttled' } as const;
    expect(word(paused)).toBe(word({ ...paused, until: inMinutes(2) }));
    expect(new Set([paused, { ...paused, why: 'blackout' } as const].map(word)).size).toBe(2);
    expect(word({ ...paused, until: now })).toBe('running');
    expect(stateLasts({ state: paused }, now)).toBe(60_000);
    expect(stateLasts({ state: { ...paused, until: inMinutes(-1) } }, now)).toBe(Infinity);
  });
});

test('in a pause nothing is fast or slow', () => {
  const state = { kind: 'paused', until: inMinutes(90), why: 'blackout' } as const;
  expect(lineOf({ state })).not.toContain('calls/s');
});

test('an end by stopAt, and one on another day', () => {
  expect(lineOf({ end: { kind: 'stopped', at: inMinutes(390), left: 1_200 } })).toMatch(
    / · stops at 05:30 with about 1200 left$/,
  );
  expect(lineOf({ end: { kind: 'done', at: inMinutes(60 * 26) } })).toMatch(
    / · ETA 26 Nov,? 01:00 \(26 h\)$/,
  );
});

test.each([
  ['en', 'running · 19.7 calls/s of 20/s · p50 12 ms, p99 80 ms · ETA 00:04 (1 h 4 min)'],
  [
    'ko',
    '진행 중 · 초당 19.7건 호출(한도 20/s) · 응답 시간 50% 12ms 이내, 99% 80ms 이내 · 00:04 종료 예정(1시간 4분 남음)',
  ],
] as const)('a page tells the course beside figures of its own, in %s', (language, course) => {
  expect(tellCourse(progressOf({}), now, language)).toBe(course);
});

test('a page tells a pause in Korean', () => {
  const state = { kind: 'paused', until: inMinutes(90), why: 'blackout' } as const;
  expect(tellCourse(progressOf({ state, delayed: 3, pace: null, end: null }), now, 'ko')).toBe(
    '00:30까지 멈춤(1시간 30분 남음): 호출 금지 시간대 · 3건 재호출 대기',
  );
});

describe('a line that is too long', () => {
  const paused = { kind: 'paused', until: inMinutes(90), why: 'blackout' } as const;

  test.each([
    [
      110,
      '27/90 called · paused until 00:30 (1 h 30 min): blackout · enrolled 25 · bad_data 2 · p99 80 ms · ETA 00:04',
    ],
    [77, '27/90 · paused until 00:30: blackout · enrolled 25 · bad_data 2 · ETA 00:04'],
    [70, '27/90 · paused until 00:30: blackout · 25 done, 2 not · ETA 00:04'],
    [40, '27/90 · paused until 00:30 · ETA 00:04'],
    [20, '27/90'],
  ])('of %i columns loses what is missed least', (columns, line) => {
    expect(lineOf({ state: paused }, { columns })).toBe(line);
  });

  test('never takes more columns than there are, and cuts no word', () => {
    const width = fc.integer({ min: 5, max: 160 });
    fc.assert(
      fc.property(width, fc.boolean(), fc.nat({ max: 9 }), (columns, isPaused, delayed) => {
        const overrides = { delayed, ...(isPaused ? { state: paused } : {}) };
        const line = lineOf(overrides, { columns });
        expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        expect(line.startsWith('27/90')).toBe(true);
      }),
    );
  });

  test('Hangul is two columns wide', () => {
    const final = { 등록: 1 };
    const whole = lineOf({ final });
    expect(lineOf({ final }, { columns: stringWidth(whole) })).toBe(whole);
    expect(lineOf({ final }, { columns: stringWidth(whole) - 1 })).not.toContain('p50');
  });
});
