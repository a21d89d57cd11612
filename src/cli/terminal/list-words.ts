import type { ListRead } from '../../run/list-facts.ts';
import { tellListRead } from '../../run/telling/list-words.ts';

/** Returns how a list was read, one line for each thing a person should look at; those after the first belong to it. */
export function formatListRead(list: ListRead): string[] {
  return tellListRead(list, 'en').map((sentence, at) => (at === 0 ? sentence : `  ${sentence}`));
}
