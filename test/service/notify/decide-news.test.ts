import { expect, test } from 'vitest';
import { decideNews, type KnownCondition } from '../../../src/service/notify/decide-news.ts';
import type { JobCondition } from '../../../src/service/notify/job-condition.ts';

const start = Date.parse('2026-11-02T01:00:00Z');
const DAY_MS = 86_400_000;

const well: JobCondition = { isWell: true, exitCode: 0, exitCause: 'done', failures: {}, nightsUsedUp: 0 };

function failing(failures: JobCondition['failures'], more: Partial<JobCondition> = {}): JobCondition {
  return { isWell: false, exitCode: 3, exitCause: 'not_enrolled', failures, nightsUsedUp: 0, ...more };
}

function told(condition: JobCondition, day: number, codes: readonly string[] = []): KnownCondition {
  return { seen: condition, told: { condition, at: new Date(start + day * DAY_MS) }, toldCodes: codes };
}

function reasonsOf(
  known: KnownCondition | null,
  condition: JobCondition,
  {
    day = 1,
    codes = [],
    when = 'change',
    wasPaused = false,
  }: {
    day?: number;
    codes?: string[];
    when?: 'change' | 'trouble' | 'always';
    wasPaused?: boolean;
  } = {},
): readonly string[] {
  return decideNews(known, { condition, codes, at: new Date(start + day * DAY_MS), wasPaused }, when).reasons;
}

test.each([
  [10, 19, []],
  [10, 20, ['more_failures']],
  [100, 109, []],
  [100, 110, ['more_failures']],
  [1000, 1050, []],
  [1000, 1100, ['more_failures']],
  [0, 10, ['more_failures']],
  [50, 10, []],
])('of a class with %i rows that has %i now', (before, now, reasons) => {
  const known = told(failing(before === 0 ? {} : { bad_data: before }), 0);
  expect(reasonsOf(known, failing({ bad_data: now }))).toEqual(reasons);
});

test('a start whose calls a person had wait is told, whatever else there is', () => {
  expect(reasonsOf(told(well, 0), well)).toEqual([]);
  expect(reasonsOf(told(well, 0), well, { wasPaused: true })).toEqual(['paused']);
  expect(reasonsOf(told(well, 0), failing({ conflict: 3 }), { wasPaused: true })).toEqual([
    'trouble',
    'paused',
  ]);
});

test('growth counts from the last message, so that a slow one is told too', () => {
  const known: KnownCondition = { ...told(failing({ bad_data: 10 }), 0), seen: failing({ bad_data: 19 }) };
  expect(reasonsOf(known, failing({ bad_data: 20 }))).toEqual(['more_failures']);
});

test('the same trouble for three weeks is told once a week, also where a night begins a little earlier', () => {
  let known = told(failing({ conflict: 3 }), 0);
  const days: number[] = [];
  for (let day = 1; day <= 21; day += 1) {
    const early = day - (day % 2 === 1 ? 0.1 : 0);
    if (reasonsOf(known, failing({ conflict: 3 }), { day: early }).length === 0) continue;
    days.push(day);
    known = told(failing({ conflict: 3 }), early);
  }
  expect(days).toEqual([7, 14, 21]);
});

test('another cause is news, well again is news, and well as before is none', () => {
  const known = told(failing({ bad_data: 1 }), 0);
  const silent = failing({ bad_data: 1 }, { exitCode: 7, exitCause: 'provider_silent' });
  expect(reasonsOf(known, silent)).toEqual(['other_cause']);
  expect(reasonsOf(known, well)).toEqual(['well_again']);
  expect(reasonsOf(told(well, 0), well)).toEqual([]);
  expect(reasonsOf(null, well)).toEqual([]);
  expect(reasonsOf(null, silent)).toEqual(['trouble']);
  expect(reasonsOf({ seen: well, told: null, toldCodes: [] }, silent)).toEqual(['trouble']);
});

test('a code is new until it was told', () => {
  const condition = failing({ unknown_code: 1 }, { exitCode: 4, exitCause: 'unclear' });
  const known = told(condition, 0, ['999_999']);
  expect(reasonsOf(known, condition, { codes: ['999_999'] })).toEqual([]);
  const news = decideNews(
    known,
    { condition, codes: ['999_998', '999_999'], at: new Date(start), wasPaused: false },
    'change',
  );
  expect(news).toEqual({ reasons: ['new_code'], newCodes: ['999_998'] });
});

test('when: trouble tells every start that is not well, always tells every start', () => {
  const known = told(failing({ bad_data: 1 }), 0);
  expect(reasonsOf(known, failing({ bad_data: 1 }), { when: 'trouble' })).toEqual(['every_start']);
  expect(reasonsOf(told(well, 0), well, { when: 'trouble' })).toEqual([]);
  expect(reasonsOf(told(well, 0), well, { when: 'always' })).toEqual(['every_start']);
});
