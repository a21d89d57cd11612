import stringWidth from 'string-width';
import { isRowClass, isSuccess } from '../../domain/class.ts';
import type { PaceFigures } from '../../dispatch/progress/call-pace.ts';
import { stateAt, type DispatchState } from '../../dispatch/progress/dispatch-progress.ts';
import type { ExpectedEnd } from '../../dispatch/progress/expected-end.ts';
import type { Language } from '../../domain/language.ts';
import { progressWords, type ProgressWords } from './progress-words.ts';

/**
 * What one line shows about a run. For a run in another process it is what that process reports; null: it does not
 * report it.
 */
export interface ShownProgress {
  readonly due: number;
  readonly final: Readonly<Record<string, number | undefined>>;
  readonly delayed: number;
  readonly state: DispatchState | null;
  /** The limits as people write them. */
  readonly allowed: string | null;
  /** Time zone of the times of day. */
  readonly timeZone: string;
  readonly pace: PaceFigures | null;
  readonly end: ExpectedEnd | null;
}

export interface LineStyle {
  /** The width available to the line; Infinity where there is no limit. */
  readonly columns: number;
  /** Highlights the state of a run that is slower than it may be. */
  readonly stress: (text: string) => string;
}

type PartName = 'count' | 'state' | 'speed' | 'classes' | 'waiting' | 'latency' | 'end';

interface Part {
  readonly name: PartName;
  /** Forms of the part from longest to shortest; after the last one the part is left out. */
  readonly forms: readonly string[];
}

/**
 * What a line that is too long gives up, least important first. Each time a part is named, it takes its next form.
 */
const LOSSES: readonly PartName[] = [
  'latency',
  'speed',
  'waiting',
  'end',
  'latency',
  'state',
  'count',
  'classes',
  'waiting',
  'speed',
  'speed',
  'state',
  'classes',
  'end',
  'state',
];

/**
 * Returns one line: how many of how many, in what state, how fast, each class that is not zero, and when it will end.
 */
export function formatProgress(progress: ShownProgress, now: Date, style: LineStyle): string {
  const state = progress.state && stateAt(progress.state, now);
  const parts = partsOf(progress, state, now);
  const kept = fit(parts, style.columns);
  const isSlow = state?.kind === 'paused' || state?.kind === 'slowed';
  return kept.map(({ name, text }) => (name === 'state' && isSlow ? style.stress(text) : text)).join(BETWEEN);
}

/** Returns the state whose change makes a plain line due at once. */
export function stateWord(progress: Pick<ShownProgress, 'state'>, now: Date): string {
  const state = progress.state && stateAt(progress.state, now);
  if (state?.kind === 'paused') return `paused ${state.why}`;
  return state?.kind === 'slowed' ? 'slowed' : 'running';
}

/** Returns how long the state will last at least, in milliseconds; Infinity: no end is known. */
export function stateLasts(progress: Pick<ShownProgress, 'state'>, now: Date): number {
  const state = progress.state && stateAt(progress.state, now);
  // A lowered rate begins to climb again at once.
  if (state?.kind === 'slowed') return 0;
  return state?.kind === 'paused' ? state.until.getTime() - now.getTime() : Infinity;
}

const BETWEEN = ' · ';

function fit(parts: readonly Part[], columns: number): { name: PartName; text: string }[] {
  const steps = new Map<PartName, number>();
  const shown = (): { name: PartName; text: string }[] =>
    parts.flatMap(({ name, forms }) => {
      const text = forms[steps.get(name) ?? 0];
      return text === undefined ? [] : [{ name, text }];
    });
  for (const loss of LOSSES) {
    if (
      stringWidth(
        shown()
          .map(({ text }) => text)
          .join(BETWEEN),
      ) <= columns
    )
      break;
    steps.set(loss, (steps.get(loss) ?? 0) + 1);
  }
  return shown();
}

function partsOf(progress: ShownProgress, state: DispatchState | null, now: Date): Part[] {
  const count = `${countDone(progress)}/${progress.due}`;
  const [shownState, speed, waiting, latency, end] = courseOf(progress, state, {
    now,
    words: progressWords.en,
  });
  return [
    { name: 'count', forms: [`${count} called`, count] },
    { name: 'state', forms: shownState },
    { name: 'speed', forms: speed },
    { name: 'classes', forms: classForms(progress) },
    { name: 'waiting', forms: waiting },
    { name: 'latency', forms: latency },
    { name: 'end', forms: end },
  ];
}

/** Tells the state, the speed and the end of a run, for a page that shows its figures by themselves. */
export function tellCourse(progress: ShownProgress, now: Date, language: Language): string {
  const state = progress.state && stateAt(progress.state, now);
  const parts = courseOf(progress, state, { now, words: progressWords[language] });
  return parts.flatMap(([longest]) => longest ?? []).join(BETWEEN);
}

type Forms = readonly string[];

interface Telling {
  readonly now: Date;
  readonly words: ProgressWords;
}

/** Returns the forms of state, speed, repeats, latency and end; none for what is not known. */
function courseOf(
  { timeZone, allowed, pace, delayed, end }: ShownProgress,
  state: DispatchState | null,
  telling: Telling,
): readonly [Forms, Forms, Forms, Forms, Forms] {
  const { words } = telling;
  return [
    state === null ? [] : stateForms(state, timeZone, telling),
    pace === null || state?.kind === 'paused' ? [] : words.speed(round(pace.perSecond), allowed),
    delayed === 0 ? [] : words.waiting(delayed),
    pace === null ? [] : latencyForms(pace, words),
    end === null ? [] : endForms(end, timeZone, telling),
  ];
}

function countDone({ final }: ShownProgress): number {
  return countsOf(final).reduce((sum, [, count]) => sum + count, 0);
}

function stateForms(state: DispatchState, timeZone: string, telling: Telling): Forms {
  const { words } = telling;
  switch (state.kind) {
    case 'running':
      return [words.running];
    case 'canary':
      return words.canary;
    case 'slowed':
      return [words.slowed(slowedWords(state, words))];
    case 'paused':
      return words.paused(
        timeOfDay(state.until, timeZone, telling),
        timeLeft(state.until, telling),
        state.why,
      );
  }
}

function slowedWords(
  { perSecond, atOnce }: Extract<DispatchState, { kind: 'slowed' }>,
  words: ProgressWords,
): string {
  const rate = perSecond === null ? [] : [`${round(perSecond)}/s`];
  return [...rate, ...(atOnce === null ? [] : [words.atOnce(atOnce)])].join(', ');
}

function round(perSecond: number): string {
  return perSecond.toFixed(1);
}

/** Returns the classes, success first, then in the order of the calls. Where there is no room for each, two sums. */
function classForms({ final }: ShownProgress): string[] {
  const counts = countsOf(final);
  if (counts.length === 0) return [];
  const sumOf = (ofSuccess: boolean): number =>
    counts.reduce((sum, [name, count]) => (isSuccessName(name) === ofSuccess ? sum + count : sum), 0);
  const each = counts.toSorted(([a], [b]) => Number(isSuccessName(b)) - Number(isSuccessName(a)));
  return [
    each.map(([name, count]) => `${name} ${count}`).join(BETWEEN),
    `${sumOf(true)} done, ${sumOf(false)} not`,
  ];
}

function countsOf(final: ShownProgress['final']): (readonly [string, number])[] {
  return Object.entries(final).flatMap(([name, count = 0]) => (count === 0 ? [] : [[name, count] as const]));
}

/** A member whose plans the provider told counts as done too. */
function isSuccessName(name: string): boolean {
  return name === 'answered' || (isRowClass(name) && isSuccess(name));
}

function latencyForms({ p50Ms, p99Ms }: PaceFigures, words: ProgressWords): Forms {
  return p50Ms === null || p99Ms === null ? [] : words.latency(p50Ms.toFixed(0), p99Ms.toFixed(0));
}

function endForms(end: ExpectedEnd, timeZone: string, telling: Telling): Forms {
  const time = timeOfDay(end.at, timeZone, telling);
  if (end.kind === 'done') return telling.words.ends(time, timeLeft(end.at, telling));
  return telling.words.stops(time, end.left);
}

/** Includes the date where the time alone could be that of another day. */
function timeOfDay(instant: Date, timeZone: string, { now, words }: Telling): string {
  const TOO_FAR_MS = 20 * 3_600_000;
  const time = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const isNear = instant.getTime() - now.getTime() < TOO_FAR_MS;
  const format = isNear ? time : ({ ...time, day: 'numeric', month: 'short' } as const);
  return new Intl.DateTimeFormat(words.locale, format).format(instant);
}

function timeLeft(until: Date, { now, words }: Telling): string {
  return words.duration(Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1_000)));
}
