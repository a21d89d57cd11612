import type { Work } from '../../domain/work.ts';
import type { RunState } from '../../ledger/runs/run-table.ts';
import type { PageTexts } from './page-texts.ts';
import type { RecordTexts } from './record-texts.ts';

/** What whoever must act on these rows does, in one sentence. `state`: the run's; a superseded one is never gone on with. */
export function whatToDo(
  work: Work,
  state: RunState,
  { words, page }: { readonly words: RecordTexts; readonly page: PageTexts },
): string {
  if (work.isSettled) return page.classes.settled;
  if (work.nightsUsedUp) return page.classes.nightsUsedUp;
  if (work.class === 'unknown_code' && work.actor === 'operations') return page.classes.refused;
  if (work.class === 'unprocessed' && state === 'superseded') return page.classes.superseded;
  return words.classes[work.class].toDo;
}
