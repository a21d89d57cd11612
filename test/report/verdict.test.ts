import { describe, expect, test } from 'vitest';
import { rowClasses, whoMustAct, type RowClass } from '../../src/domain/class.ts';
import { emptyClassCounts, sumOfClasses } from '../../src/domain/control-totals.ts';
import { exitCauses, meaningOf } from '../../src/domain/exit-cause.ts';
import { languages } from '../../src/domain/language.ts';
import type { Work } from '../../src/domain/work.ts';
import { tellEnd, tellNext } from '../../src/report/texts/cause-texts.ts';
import { tellVerdict } from '../../src/report/texts/verdict-texts.ts';
import { actorOfEnd, decideVerdict, toneOf, type JudgedRun } from '../../src/report/verdict.ts';

function workOf(name: RowClass, rows: number, how: Partial<Work> = {}): Work {
  const nightsUsedUp = how.nightsUsedUp ?? false;
  const actor = how.isSettled === true ? 'nobody' : whoMustAct(name, nightsUsedUp);
  return { class: name, actor, rows, nightsUsedUp, isSettled: false, ...how };
}

function runOf(work: readonly Work[], changes: Partial<JudgedRun> = {}): JudgedRun {
  const classes = emptyClassCounts();
  for (const one of work) classes[one.class] += one.rows;
  const rowsRead = sumOfClasses(classes);
  return { state: 'complete', totalsAgree: true, rowsRead, classes, work, ...changes };
}

describe('each row is in exactly one figure', () => {
  test.each(rowClasses)('%s', (name) => {
    for (const how of [{}, { nightsUsedUp: true }, { isSettled: true }]) {
      const { kind: _, rows, ...ends } = decideVerdict(runOf([workOf(name, 3, how)]));
      expect(rows).toBe(3);
      expect(Object.values(ends).filter((count) => count > 0)).toEqual([3]);
    }
  });

  test('already enrolled, settled, waiting and needed rows are told apart', () => {
    const verdict = decideVerdict(
      runOf([
        workOf('enrolled', 1),
        workOf('recovered', 2),
        workOf('already_active', 3),
        workOf('already_done', 4),
        workOf('action_required', 5),
        workOf('transient', 6),
        workOf('transient', 7, { nightsUsedUp: true }),
        workOf('conflict', 8, { isSettled: true }),
        workOf('duplicate', 9),
        workOf('unprocessed', 10),
      ]),
    );
    expect(verdict).toMatchObject({
      rows: 55,
      enrolledNow: 3,
      enrolledBefore: 7,
      needSomebody: 12,
      comeAgain: 6,
      settled: 8,
      duplicates: 9,
      notCalled: 10,
    });
    expect(tellVerdict(verdict, 'en').sentence).toBe(
      'Complete, but not everybody is enrolled. Of 55 rows: 3 enrolled, 7 enrolled before, 12 need somebody, 6 come again by themselves, 10 without a result, 8 settled by a person, 9 duplicates.',
    );
    expect(tellVerdict(verdict, 'ko').sentence).toBe(
      '완료되었으나 등록되지 않은 행이 있습니다. 전체 55행: 등록 3행, 이전에 등록됨 7행, 조치 필요 12행, 자동 재호출 예정 6행, 결과 없음 10행, 담당자 종결 8행, 중복 9행.',
    );
  });
});

describe('one word for a run', () => {
  const all = [workOf('enrolled', 2), workOf('duplicate', 1)];
  test.each([
    ['broken', runOf(all, { totalsAgree: false, state: 'stopped' }), 'bad'],
    ['unstaged', runOf([], { rowsRead: null, state: 'superseded' }), 'warn'],
    ['superseded', runOf(all, { state: 'superseded' }), 'warn'],
    ['stopped', runOf(all, { state: 'stopped' }), 'warn'],
    ['stopped', runOf(all, { state: 'dispatching' }), 'warn'],
    ['empty', runOf([]), 'good'],
    ['done', runOf(all), 'good'],
    ['settled', runOf([...all, workOf('rejected', 1, { isSettled: true })]), 'good'],
    ['partial', runOf([...all, workOf('transient', 1)]), 'warn'],
    ['partial', runOf([...all, workOf('disputed', 2), workOf('conflict', 1, { isSettled: true })]), 'warn'],
  ] as const)('%s', (kind, run, tone) => {
    const verdict = decideVerdict(run);
    expect(verdict.kind).toBe(kind);
    expect(toneOf(verdict)).toBe(tone);
    for (const language of languages) expect(tellVerdict(verdict, language).sign).not.toBe('');
  });

  test('one is one', () => {
    const one = (work: Work): string => tellVerdict(decideVerdict(runOf([work])), 'en').sentence;
    expect(one(workOf('enrolled', 1))).toBe('It worked. The one row: 1 enrolled.');
    expect(one(workOf('conflict', 1))).toMatch(/ 1 needs somebody\.$/);
    expect(one(workOf('transient', 1))).toMatch(/ 1 comes again by itself\.$/);
  });
});

describe('what the end itself asks for', () => {
  test.each(exitCauses)('%s: who acts is told with what to do, in both languages', (cause) => {
    const { actor } = meaningOf(cause);
    expect(actorOfEnd(cause)).toBe(actor === 'nobody' || actor === 'rows' ? null : actor);
    const end = { state: 'stopped', exitCause: cause } as const;
    const told = languages.map((language) => tellEnd(end, language));
    expect(new Set(told.map((text) => text === null)).size).toBe(1);
    const next = languages.map((language) => tellNext(end, language));
    expect(new Set(next.map((text) => text === null)).size).toBe(1);
    for (const [at, words] of next.entries()) expect(told[at] ?? '').toContain(words ?? '');
    // Whoever is asked to act is told what to do; of another live process that is to wait.
    expect([cause, actorOfEnd(cause) !== null && next.includes(null)]).toEqual([cause, cause === 'held']);
  });

  test('a run without an end asks for nothing', () => {
    expect([actorOfEnd(null), tellEnd({ state: 'dispatching', exitCause: null }, 'ko')]).toEqual([
      null,
      null,
    ]);
  });

  test('a run that another list has closed is never gone on with', () => {
    const end = { state: 'superseded', exitCause: 'limit' } as const;
    expect(languages.map((language) => tellEnd(end, language))).toEqual([null, null]);
  });
});
