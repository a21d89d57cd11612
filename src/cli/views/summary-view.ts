import { ageBuckets } from '../../domain/reconciliation/break.ts';
import { rowClasses, type Actor } from '../../domain/class.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { brokenChecks, describeBreak } from '../../domain/control-totals.ts';
import type { Work } from '../../domain/work.ts';
import { tellEnd, type ToldEnd } from '../../report/texts/cause-texts.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import { tellNightRemarks } from '../../report/texts/night-remarks.ts';
import { whoActs } from '../../report/texts/what-to-do.ts';
import { tellVerdict } from '../../report/texts/verdict-texts.ts';
import type { RunResult } from '../../run/run-environment.ts';
import type { Summary } from '../../report/summary.ts';
import { toneOf } from '../../report/verdict.ts';
import type { Host } from '../host.ts';
import { programName } from '../session/program-name.ts';
import { toneText } from '../terminal/line-style.ts';
import { formatTable } from '../terminal/table.ts';
import { nextStepOf } from './next-step.ts';

/**
 * Returns what a person reads at the end of a run: verdict, classes, proof, folder, what to do next. `program`: how
 * to start the program. `inKoreanToo`: Korean stands below the English for what stopped the run and what to do next.
 */
export function formatResult(result: RunResult, program: string, inKoreanToo = false): string {
  return `\n${verdictLine(result.summary)}${formatBelow(result, program, inKoreanToo)}`;
}

/** Shows the same on a screen, with the verdict in its colour where there is one. */
export function showResult(
  { stdout, env }: Pick<Host, 'stdout' | 'env'>,
  result: RunResult,
  inKoreanToo: boolean,
): void {
  const program = programName(env);
  const { verdict } = result.summary;
  const colored = toneText(verdictLine(result.summary).trimEnd(), toneOf(verdict), stdout, env);
  if (colored === null) {
    stdout.write(formatResult(result, program, inKoreanToo));
    return;
  }
  stdout.draw(`\n${colored}\n`);
  stdout.write(formatBelow(result, program, inKoreanToo));
}

/** Returns the verdict like page and workbook: only our own words and figures. */
function verdictLine({ verdict }: Summary): string {
  return `${tellVerdict(verdict, 'en').sentence}\n`;
}

function formatBelow(result: RunResult, program: string, inKoreanToo: boolean): string {
  const { summary } = result;
  const next = nextStepOf(result, program);
  const korean = inKoreanToo ? tellEnd({ ...summary, exitCause: result.exitCause }, 'ko') : null;
  return [
    ...formatEnd(summary),
    '\n',
    formatWork(summary.work, summary.actorOfEnd),
    ...formatGivenClasses(summary),
    '\n',
    `${formatTotals(summary)}\n`,
    `${formatCalls(summary)}\n`,
    ...formatDifference(summary),
    ...formatFailing(summary),
    ...tellNightRemarks(summary, 'en').map((remark) => `${remark}\n`),
    `Run folder: ${cleanUntrustedText(result.folder)}\n`,
    `Exit ${result.exitCode}: ${cleanUntrustedText(result.reason)}\n`,
    ...(korean === null ? [] : [`${korean}\n`]),
    ...(next === null ? [] : [`Next: ${next.en}\n`]),
    ...(next === null || !inKoreanToo ? [] : [`다음: ${next.ko}\n`]),
  ].join('');
}

/** Says why it ended, and who must act because of the end itself. */
function formatEnd(summary: Summary): string[] {
  return formatEndOf(summary, summary.verdict.kind === 'broken');
}

/** Says the same about a run without a summary; nothing where the rows say everything. */
export function formatEndOf(end: ToldEnd & Pick<Summary, 'actorOfEnd'>, isBroken: boolean): string[] {
  const cause = isBroken ? null : tellEnd(end, 'en');
  const who = end.actorOfEnd === null ? '' : `${actorWords(end.actorOfEnd)} must act. `;
  return cause === null && who === '' ? [] : [`${who}${cause ?? ''}`.trimEnd() + '\n'];
}

/** Formats who must act on how many rows of each class. */
export function formatWork(work: readonly Work[], actorOfEnd: Actor | null): string {
  return formatTable(
    ['class', 'rows', 'who must act'],
    work.map((one) => [one.class, one.rows, workWords(one, actorOfEnd)]),
  );
}

/** Formats rows whose class did not come from the built-in table, and where it came from. */
function formatGivenClasses({ givenClasses }: Summary): string[] {
  const { classGivers } = recordTextsIn('en');
  return givenClasses.map(({ by, code, class: name, rows }) => {
    const shown = code === null ? 'no code' : maskIdsInText(cleanUntrustedText(code));
    return `${shown} as ${name}, ${rows === 1 ? '1 row' : `${rows} rows`}: ${classGivers[by]}\n`;
  });
}

function workWords(one: Work, actorOfEnd: Actor | null): string {
  if (one.isSettled) return 'nobody, settled by a person';
  const who = whoActs(one, { actorOfEnd }, recordTextsIn('en'));
  return `${who}${one.nightsUsedUp ? ', its nights are used up' : ''}`;
}

function actorWords(actor: Actor): string {
  return actor.replace('_', ' ');
}

function formatTotals(summary: Summary): string {
  const equation = rowClasses
    .filter((name) => summary.classes[name] > 0)
    .map((name) => String(summary.classes[name]))
    .join(' + ');
  const sum = equation === '' ? '0' : equation;
  if (summary.totalsAgree) return `Totals agree: ${summary.list.rowsRead} rows read = ${sum}`;
  const broken = brokenChecks(summary.controlTotals ?? []).map((check) => `\n  ${describeBreak(check)}`);
  return `BROKEN TOTALS: ${summary.list.rowsRead} rows read, classes: ${sum}${broken.join('')}`;
}

/** Formats the differences from the night before; nothing on a first night, or where nothing was compared. */
export function formatDifference({ difference }: Pick<Summary, 'difference'>): string[] {
  if (difference === null) return [];
  const { comparedWith, added, gone, parChanged, newlyFailing, cured, stillFailing } = difference;
  const failing = stillFailing.reduce((sum, { records }) => sum + records, 0);
  const longest = Math.max(0, ...stillFailing.map(({ nights }) => nights));
  const nights = failing === 0 ? '' : ` (the longest ${longest === 1 ? '1 night' : `${longest} nights`})`;
  const parts = [
    `${added} new`,
    `${gone} gone`,
    `${parChanged} with another PAR`,
    `${newlyFailing} newly failing`,
    `${cured} cured`,
    `${failing} still failing${nights}`,
  ];
  const isOther = added + gone + parChanged + newlyFailing + cured > 0;
  const rows = isOther ? '; row by row in difference.csv' : '';
  return [`Since ${formatNight(comparedWith.night)}: ${parts.join(', ')}${rows}\n`];
}

/** Formats what fails, by cause and age; nothing where it all began tonight. */
function formatFailing({ failing }: Pick<Summary, 'failing'>): string[] {
  const isOld = failing?.some(({ ages }) => ageBuckets.some((bucket) => bucket !== '0' && ages[bucket] > 0));
  if (failing === null || isOld !== true) return [];
  const rows = failing.map(({ class: name, code, ages }) => [
    name,
    code === null ? '-' : maskIdsInText(cleanUntrustedText(code)),
    ...ageBuckets.map((bucket) => ages[bucket]),
  ]);
  const headings = ageBuckets.map((bucket) => (bucket === '0' ? 'tonight' : `${bucket} nights`));
  return [formatTable(['fails', 'code', ...headings], rows)];
}

/** Formats `20 Nov`, for the night that began on that evening. */
function formatNight(night: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(`${night}T00:00:00Z`),
  );
}

function formatCalls(summary: Summary): string {
  const { p50, p99 } = summary.latencyMs;
  const latency =
    p50 === null || p99 === null ? [] : [`latency p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`];
  const { windows, limitedBy, concurrencyLearnt } = summary.rate;
  const fullest = windows.map((window) => `${window.fullest} of ${window.limit}`).join(', ');
  const window = summary.calls === 0 || fullest === '' ? [] : [`fullest window ${fullest}`];
  const limited = limitedBy === null ? [] : [bottleneckWords[limitedBy]];
  const advice = concurrencyLearnt === undefined ? [] : [adviseConcurrency(concurrencyLearnt)];
  const inquiries = summary.inquiries === 0 ? [] : [`${summary.inquiries} inquiries for plans`];
  const repeats = summary.retries === 1 ? '1 of them a repeat' : `${summary.retries} of them repeats`;
  const asides = `${repeats}${silentWords(summary)}`;
  const calls = `Calls: ${atMostWords(summary.calls, summary.lostCalls, asides)}`;
  return [calls, ...inquiries, ...window, ...latency, ...limited, ...advice].join(' · ');
}

/**
 * Says how many calls left; for calls of a process that died this is not known. `asides`: further remarks about them.
 */
export function atMostWords(calls: number, lost: number, asides = ''): string {
  const unsure = lost === 0 ? '' : `${lost} may not have left before a process died`;
  const said = [asides, unsure].filter((words) => words !== '').join(', ');
  return `${lost === 0 ? '' : 'at most '}${calls}${said === '' ? '' : ` (${said})`}`;
}

/**
 * Says how many calls belong to rows that still have no result, which explains calls for rows that seem not to have
 * been called.
 */
function silentWords({ controlTotals }: Summary): string {
  const calls = controlTotals?.find((check) => check.name === 'attempts' && check.class === 'unprocessed');
  const count = calls?.found ?? 0;
  return count === 0 ? '' : `, ${count} for rows that have no result`;
}

/** Says what the run has found out, as a setting. */
function adviseConcurrency(learnt: number): string {
  return `more than ${learnt} calls at once were refused: limits.concurrency: ${learnt} would be enough`;
}

const bottleneckWords = {
  rate: 'as fast as the rate allows',
  concurrency: 'all slots were full: limits.concurrency held it back',
  refusals: "the provider's refusals (429, 503) held it back",
  silence: "the provider's silence held it back",
  outage: "the provider's outage (refused connections, 5xx) held it back",
  pause: 'a pause that a person asked for held it back',
  us: 'neither rate, concurrency nor provider held it back, but the ledger or this machine',
} as const;
