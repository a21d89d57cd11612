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
    const texts = { words: recordTextsIn(language), page: pageTextsIn(language) };
    const tell = (work: Work): string => whatToDo(work, 'complete', texts);
    const { settled, nightsUsedUp } = texts.page.classes;
    expect(tell(workOf('transient', { isSettled: true, nightsUsedUp: true }))).toBe(settled);
    expect(tell(workOf('transient', { nightsUsedUp: true }))).toBe(nightsUsedUp);
    expect(tell(workOf('transient'))).toBe(texts.words.classes.transient.toDo);
  },
);

test.each(languages)('only a run that can be continued asks for the same command again (%s)', (language) => {
  const texts = { words: recordTextsIn(language), page: pageTextsIn(language) };
  const left = workOf('unprocessed');
  expect(whatToDo(left, 'stopped', texts)).toBe(texts.words.classes.unprocessed.toDo);
  expect(whatToDo(left, 'superseded', texts)).toBe(texts.page.classes.superseded);
  const called = workOf('bad_data');
  expect(whatToDo(called, 'superseded', texts)).toBe(texts.words.classes.bad_data.toDo);
});
