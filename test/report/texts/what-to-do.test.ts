import { expect, test } from 'vitest';
import { whoMustAct } from '../../../src/domain/class.ts';
import { languages } from '../../../src/domain/language.ts';
import type { Work } from '../../../src/domain/work.ts';
import { pageTextsIn } from '../../../src/report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../../src/report/texts/record-texts-in.ts';
import { whatToDo } from '../../../src/report/texts/what-to-do.ts';

function workOf(name: Work['class'], changes: Partial<Work> = {}): Work {
  const actor = whoMustAct(name, false);
  return { class: name, actor, rows: 1, nightsUsedUp: false, isSettled: false, ...changes };
}

test.each(languages)(
  'what a person has settled comes first, then used up nights, then the class (%s)',
  (language) => {
    const texts = { words: recordTextsIn(language), page: pageTextsIn(language), language };
    const complete = { state: 'complete', exitCause: 'not_enrolled' } as const;
    const tell = (work: Work): string => whatToDo(work, complete, texts);
    const { settled, nightsUsedUp } = texts.page.classes;
    expect(tell(workOf('transient', { isSettled: true, nightsUsedUp: true }))).toBe(settled);
    expect(tell(workOf('transient', { nightsUsedUp: true }))).toBe(nightsUsedUp);
    expect(tell(workOf('transient'))).toBe(texts.words.classes.transient.toDo);
  },
);

test.each(languages)('only a run that can be continued asks for the same command again (%s)', (language) => {
  const texts = { words: recordTextsIn(language), page: pageTextsIn(language), language };
  const left = workOf('unprocessed');
  const stopped = { state: 'stopped', exitCause: 'signal' } as const;
  const closed = { state: 'superseded', exitCause: 'limit' } as const;
  expect(whatToDo(left, stopped, texts)).toBe(texts.words.classes.unprocessed.toDo);
  expect(whatToDo(left, { ...stopped, exitCause: null }, texts)).toBe(texts.words.classes.unprocessed.toDo);
  expect(whatToDo(left, closed, texts)).toBe(texts.page.classes.superseded);
  const called = workOf('bad_data');
  expect(whatToDo(called, closed, texts)).toBe(texts.words.classes.bad_data.toDo);
});

test.each([
  ['en', /^Check key id, keys, address and certificates .*, then start the same command again\.$/],
  ['ko', /키 ID, 키, 주소, 인증서를 확인한 뒤 다시 실행해 주십시오\.$/],
] as const)('rows a refused set-up left are called once that is mended (%s)', (language, words) => {
  const texts = { words: recordTextsIn(language), page: pageTextsIn(language), language };
  const end = { state: 'stopped', exitCause: 'wrong_setup' } as const;
  expect(whatToDo(workOf('unprocessed'), end, texts)).toMatch(words);
});
