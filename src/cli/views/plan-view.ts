import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { Language } from '../../domain/language.ts';
import { tellRejection } from '../../domain/rejection/rejection-words.ts';
import { rowClasses, type RowClass } from '../../domain/class.ts';
import type { ListPlan } from '../../run/plan-list.ts';
import { formatListRead } from '../terminal/list-words.ts';
import { formatDuration } from '../terminal/duration-words.ts';
import { formatTable } from '../terminal/table.ts';
import { wallTime } from '../../domain/time/wall-time.ts';

export interface PlanWords {
  readonly provider: string;
  /** The rate, such as 20/s. */
  readonly rate: string;
  readonly saidYes: boolean;
  readonly again: boolean;
  /** `limits.maxCalls`; null: none. */
  readonly maxCalls: number | null;
  readonly timeZone: string;
  /** Korean reasons for rejected rows stand below the English sentences. */
  readonly inKoreanToo: boolean;
}

/** Returns what a person reads before anything is called. */
export function formatPlan(plan: ListPlan, words: PlanWords): string {
  const lines = [
    ...formatListRead(plan.list),
    '',
    formatClasses(plan).trimEnd(),
    ...formatRejections(plan, words),
    '',
    `${plan.list.rowsRead} rows read = ${sumOf(plan)}`,
    formatCalls(plan, words),
    ...formatHistory(plan, words),
    ...formatGuards(plan, words),
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
  { inKoreanToo }: PlanWords,
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

function formatCalls(plan: ListPlan, { provider, rate, timeZone, maxCalls }: PlanWords): string {
  if (plan.due === 0) return `Nothing to call at ${cleanUntrustedText(provider)}.`;
  const { neverCalled, calledBefore } = plan.dueHistory;
  return [
    `${plan.due} to call at ${cleanUntrustedText(provider)}: ${neverCalled} never called yet, ${calledBefore} called before and not enrolled.`,
    `At ${rate} that takes ${formatDuration(plan.secondsAtLeast)} at least; begun now, it ends at ${wallTime(plan.endsAt, timeZone)} (${timeZone}).`,
    ...formatStop(plan, timeZone),
    ...formatMaxCalls(plan.due, maxCalls),
  ].join('\n');
}

/** Earlier calls of this night count too; a run looks them up. */
function formatMaxCalls(due: number, maxCalls: number | null): string[] {
  if (maxCalls === null || due <= maxCalls) return [];
  return [`limits.maxCalls lets ${maxCalls} of them be called in one night.`];
}

function formatStop({ beforeStop, due }: ListPlan, timeZone: string): string[] {
  if (beforeStop === null) return [];
  const stop = `windows.stopAt, ${wallTime(beforeStop.stopAt, timeZone)}`;
  if (beforeStop.fits) return [`This can be finished before ${stop}.`];
  return [
    `This cannot be finished before ${stop}: at most ${beforeStop.calls} of ${due}; ${due - beforeStop.calls} remain for the next night.`,
  ];
}

function formatHistory(plan: ListPlan, { again }: PlanWords): string[] {
  const lines: string[] = [];
  const { difference, finishedBefore, continues } = plan;
  if (difference !== null) {
    const { runId, added, gone, changedPar } = difference;
    lines.push(
      `Against the last list (${runId}): ${added} records new, ${gone} gone, ${changedPar} members with another PAR.`,
    );
  }
  if (finishedBefore !== null) {
    lines.push(
      `A list with the same content was completed before, in run ${finishedBefore.id}: ${again ? '--again calls all of it once more' : 'only what may come again is called'}.`,
    );
  }
  if (continues !== null)
    lines.push(`Run ${continues} is unfinished with this content: it would be continued.`);
  return lines;
}

function formatGuards(plan: ListPlan, words: PlanWords): string[] {
  return [...formatSize(plan, words), ...(plan.due === 0 ? [] : [formatStops(plan.guards)])];
}

/** Says what would stop a run of the list. */
function formatStops({
  canary,
  maxFailures,
  maxUnknownCodes,
  newlyFailingPercent,
}: ListPlan['guards']): string {
  const failures = maxFailures.kind === 'share' ? `${maxFailures.percent}%` : String(maxFailures.count);
  const stops = [
    ...(canary === 0 ? [] : [`more than half of ${canary} records called first fail (canary)`]),
    ...(newlyFailingPercent === null
      ? []
      : [`more than ${newlyFailingPercent}% of earlier successes are refused (newlyFailing)`]),
    ...(failures === '100%' ? [] : [`more than ${failures} of all fail (maxFailures)`]),
    `more than ${maxUnknownCodes} calls meet unknown codes (maxUnknownCodes)`,
  ];
  return `A run stops when ${stops.join(', or ')}.`;
}

function formatSize({ size }: ListPlan, { saidYes }: PlanWords): string[] {
  if (size.usualRows === null) return [];
  const change = size.changePercent ?? 0;
  const usual = `This job usually has ${size.usualRows} rows: ${change === 0 ? 'as many' : `${Math.abs(change)}% ${change > 0 ? 'more' : 'fewer'}`} now`;
  if (!size.isUnusual) return [`${usual}.`];
  return [
    `${usual}, which ${saidYes ? '--yes lets pass' : 'a run refuses without --yes (guards.listSize)'}.`,
  ];
}
