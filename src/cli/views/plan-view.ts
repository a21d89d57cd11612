import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { Language } from '../../domain/language.ts';
import { tellRejection } from '../../domain/rejection/rejection-words.ts';
import { rowClasses, type RowClass } from '../../domain/class.ts';
import type { ListPlan } from '../../run/plan-list.ts';
import { formatListRead } from '../terminal/list-words.ts';
import { formatDuration } from '../terminal/duration-words.ts';
import { formatTable } from '../terminal/table.ts';
import { tellCalls, tellGuards, tellHistory, type PlanWords } from '../../run/telling/plan-words.ts';

export interface ShownPlanWords extends PlanWords {
  /** Korean reasons for rejected rows stand below the English sentences. */
  readonly inKoreanToo: boolean;
}

/** Returns what a person reads before anything is called. */
export function formatPlan(plan: ListPlan, words: ShownPlanWords): string {
  const lines = [
    ...formatListRead(plan.list),
    '',
    formatClasses(plan).trimEnd(),
    ...formatRejections(plan, words),
    '',
    `${plan.list.rowsRead} rows read = ${sumOf(plan)}`,
    ...tellCalls(plan, words, { language: 'en', duration: formatDuration }),
    ...tellHistory(plan, words, 'en'),
    ...tellGuards(plan, words, 'en'),
    'Nothing was called and nothing was kept.',
  ];
  return `${lines.join('\n')}\n`;
}

function formatClasses({ classes }: ListPlan): string {
  const present = rowClasses.filter((name) => classes[name] > 0);
  if (present.length === 0) return '  no rows';
  return formatTable(
    ['class', 'rows'],
    present.map((name) => [titleOf(name), classes[name]]),
  );
}

function titleOf(name: RowClass): string {
  return name === 'unprocessed' ? 'to be called' : name;
}

function sumOf({ classes }: ListPlan): string {
  const counts = rowClasses.filter((name) => classes[name] > 0).map((name) => String(classes[name]));
  return counts.length === 0 ? '0' : counts.join(' + ');
}

function formatRejections(
  { rejections, firstRejected, list }: ListPlan,
  { inKoreanToo }: ShownPlanWords,
): string[] {
  if (rejections.length === 0) return [];
  const place = list.format === 'csv' ? 'line' : 'row';
  return [
    '',
    ...rejections.map(
      ({ reason, rows, firstLine }) => `  rejected ${reason}: ${rows}, first in ${place} ${firstLine}`,
    ),
    ...firstRejected.flatMap((rejected) => {
      const tell = (language: Language): string =>
        `  ${place} ${rejected.line}: ${cleanUntrustedText(tellRejection(rejected, language))}`;
      return inKoreanToo ? [tell('en'), tell('ko')] : [tell('en')];
    }),
  ];
}
