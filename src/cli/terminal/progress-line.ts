import stringWidth from 'string-width';
import { isRowClass, isSuccess } from '../../domain/class.ts';
import type { PaceFigures } from '../../dispatch/progress/call-pace.ts';
import { stateAt, type DispatchState, type PauseReason } from '../../dispatch/progress/dispatch-progress.ts';
import type { ExpectedEnd } from '../../dispatch/progress/expected-end.ts';
import { formatDuration } from './duration-words.ts';

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
  const { timeZone, allowed, pace, delayed, end } = progress;
  const count = `${countDone(progress)}/${progress.due}`;
  return [
    { name: 'count', forms: [`${count} called`, count] },
    { name: 'state', forms: state === null ? [] : stateForms(state, timeZone, now) },
    { name: 'speed', forms: pace === null || state?.kind === 'paused' ? [] : speedForms(pace, allowed) },
    { name: 'classes', forms: classForms(progress) },
    { name: 'waiting', forms: delayed === 0 ? [] : [`${delayed} wait to be repeated`, `${delayed} wait`] },
    { name: 'latency', forms: pace === null ? [] : latencyForms(pace) },
    { name: 'end', forms: end === null ? [] : endForms(end, timeZone, now) },
  ];
}

function countDone({ final }: ShownProgress): number {
  return countsOf(final).reduce((sum, [, count]) => sum + count, 0);
}

function stateForms(state: DispatchState, timeZone: string, now: Date): string[] {
  switch (state.kind) {
    case 'running':
      return ['running'];
    case 'canary':
      return ['canary: the first are weighed', 'canary'];
    case 'slowed':
      return [`slowed to ${slowedWords(state)}`];
    case 'paused': {
      const until = `paused until ${timeOfDay(state.until, timeZone, now)}`;
      const why = pauseWords[state.why];
      return [`${until} (${timeLeft(state.until, now)}): ${why}`, `${until}: ${why}`, until];
    }
  }
}

function slowedWords({ perSecond, atOnce }: Extract<DispatchState, { kind: 'slowed' }>): string {
  const rate = perSecond === null ? [] : [`${round(perSecond)}/s`];
  return [...rate, ...(atOnce === null ? [] : [`${atOnce} at once`])].join(', ');
}

const pauseWords: Readonly<Record<PauseReason, string>> = {
  blackout: 'blackout',
  throttled: 'provider asks',
  breaker: 'no answers',
  person: 'somebody paused it',
  ledger: 'waits for the ledger',
};

function speedForms({ perSecond }: PaceFigures, allowed: string | null): string[] {
  const speed = round(perSecond);
  return allowed === null
    ? [`${speed} calls/s`, `${speed}/s`]
    : [`${speed} calls/s of ${allowed}`, `${speed} of ${allowed}`, `${speed}/s`];
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

function latencyForms({ p50Ms, p99Ms }: PaceFigures): string[] {
  if (p50Ms === null || p99Ms === null) return [];
  const p99 = `p99 ${p99Ms.toFixed(0)} ms`;
  return [`p50 ${p50Ms.toFixed(0)} ms, ${p99}`, p99];
}

function endForms(end: ExpectedEnd, timeZone: string, now: Date): string[] {
  const time = timeOfDay(end.at, timeZone, now);
  if (end.kind === 'done') return [`ETA ${time} (${timeLeft(end.at, now)})`, `ETA ${time}`];
  return [`stops at ${time} with about ${end.left} left`, `stops at ${time}`];
}

/** Includes the date where the time alone could be that of another day. */
function timeOfDay(instant: Date, timeZone: string, now: Date): string {
  const TOO_FAR_MS = 20 * 3_600_000;
  const time = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const isNear = instant.getTime() - now.getTime() < TOO_FAR_MS;
  const format = isNear ? time : ({ ...time, day: 'numeric', month: 'short' } as const);
  return new Intl.DateTimeFormat('en-GB', format).format(instant);
}

function timeLeft(until: Date, now: Date): string {
  return formatDuration(Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1_000)));
}
