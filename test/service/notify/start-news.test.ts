import { expect, test } from 'vitest';
import type { KnownCondition } from '../../../src/service/notify/decide-news.ts';
import type { JobCondition } from '../../../src/service/notify/job-condition.ts';
import { conditionAfter, isKnownSkip, startFates } from '../../../src/service/notify/start-news.ts';
import { tellStart } from '../../../src/service/notify/start-texts.ts';

const now = new Date('2026-11-30T16:00:00Z');

function hoursAgo(hours: number): Date {
  return new Date(now.getTime() - hours * 3_600_000);
}

test.each([
  ['nobody was told of one', null, false],
  ['the same run is in the way since yesterday', { at: hoursAgo(24), wasMadeSince: false }, true],
  ['and the day before', { at: hoursAgo(6 * 24), wasMadeSince: false }, true],
  ['and for a week', { at: hoursAgo(7 * 24), wasMadeSince: false }, false],
  ['another run is in the way, ten minutes later', { at: hoursAgo(0.2), wasMadeSince: true }, true],
  ['another run is in the way, a night later', { at: hoursAgo(24), wasMadeSince: true }, false],
])('a skipped start where %s', (_what, told, isKnown) => {
  expect(isKnownSkip(told, now)).toBe(isKnown);
});

const well: JobCondition = { isWell: true, exitCode: 0, exitCause: 'done', failures: {}, nightsUsedUp: 2 };

function known(condition: JobCondition): KnownCondition {
  return { seen: condition, told: { condition, at: now }, toldCodes: [] };
}

test('after a start that did no work the next one is told to be well again, and known trouble is no news', () => {
  const notWell = { isWell: false, exitCode: null, exitCause: null, failures: {} };
  expect(conditionAfter('missed', null)).toEqual({ ...notWell, nightsUsedUp: 0 });
  expect(conditionAfter('broken_off', known(well))).toEqual({ ...notWell, nightsUsedUp: 2 });
  expect(conditionAfter('skipped', known(well))).toBeNull();
  const failing: JobCondition = { ...well, isWell: false, exitCode: 3, exitCause: 'not_enrolled' };
  expect(conditionAfter('missed', known(failing))).toBeNull();
});

test.each(startFates)('a start that is %s is told in both languages, with its times', (fate) => {
  const start = {
    fate,
    dueAt: '2026-11-30T16:00:00Z',
    closedAt: '2026-11-30T20:30:00Z',
    timeZone: 'Asia/Seoul',
    earlier: 2,
    jobFile: 'jobs/nightly.yaml',
    nextAt: '2026-12-01T16:00:00Z',
  };
  for (const language of ['ko', 'en'] as const) {
    const { title, what, next } = tellStart(start, language);
    expect(title).toContain('2026-12-01 01:00');
    expect(what).toContain('2026-12-01 01:00 Asia/Seoul');
    expect(what).toContain('2');
    expect(next).toContain('2026-12-02 01:00 Asia/Seoul');
    expect(next.includes('kona-enroll run jobs/nightly.yaml')).toBe(fate !== 'skipped');
    expect([title, what, next].every((text) => /[가-힣]/.test(text))).toBe(language === 'ko');
  }
});
