import type { Work } from '../../domain/work.ts';
import type { Actor } from '../../domain/class.ts';
import { tellNext, type ToldEnd } from './cause-texts.ts';
import type { Language } from '../../domain/language.ts';
import type { PageTexts } from './page-texts.ts';
import type { RecordTexts } from './record-texts.ts';

/**
 * Returns, in one sentence, what whoever must act on these rows does. `end`: the run's end. Rows that the run did not
 * reach are called once the cause of its stop is removed; a superseded run is never continued.
 */
export function whatToDo(work: Work, end: ToldEnd, { words, page, language }: ToDoTexts): string {
  if (work.isSettled) return page.classes.settled;
  if (work.nightsUsedUp) return page.classes.nightsUsedUp;
  if (work.class === 'unknown_code' && work.actor === 'operations') return page.classes.refused;
  if (work.class === 'unprocessed') {
    if (end.state === 'superseded') return page.classes.superseded;
    return tellNext(end, language) ?? words.classes.unprocessed.toDo;
  }
  return words.classes[work.class].toDo;
}

/**
 * Returns who must act on these rows. Nobody acts on a row without a result; where somebody must first remove the
 * cause of the run's stop (`actorOfEnd`), it says so.
 */
export function whoActs(
  { class: rowClass, actor, isSettled }: Work,
  { actorOfEnd }: { readonly actorOfEnd: Actor | null },
  { actors, onceMended }: RecordTexts,
): string {
  const waitsForEnd = rowClass === 'unprocessed' && !isSettled && actorOfEnd !== null;
  return waitsForEnd ? onceMended : actors[actor];
}

export interface ToDoTexts {
  readonly words: RecordTexts;
  readonly page: PageTexts;
  readonly language: Language;
}
