import { tellRejection } from '../../domain/rejection/rejection-words.ts';
import { cleanUntrustedText, quoteName } from '../../domain/untrusted-text.ts';
import type { Configuration } from '../../config/configuration.ts';
import type {
  MembersStaged,
  ReconciliationBegan,
  RunBegan,
  RunObserver,
  RunPlanned,
  RunProgress,
  StopSignal,
} from '../../run/run-environment.ts';
import type { ReportProgress } from '../../report/folder/run-folder.ts';
import type { Host } from '../host.ts';
import { isMovable, styleOf } from './line-style.ts';
import { formatListRead } from './list-words.ts';
import { createMovingLines } from './moving-lines.ts';
import { createPlainPace } from './plain-pace.ts';
import { formatProgress, stateLasts, stateWord } from './progress-line.ts';
import { STOPPED_AT_ONCE, stopWords, type StopMoment } from './stop-words.ts';

const REDRAWN_EVERY_MS = 200;

export interface ProgressObserver extends RunObserver {
  /** Shown even with --quiet, because it answers what a person did. */
  stopAsked(signal: StopSignal): void;
  stoppedAtOnce(): void;
  /** Leaves the terminal's line ready for later output. */
  end(): void;
}

/** Shows on stderr how a run goes: one moving line on a terminal, elsewhere a plain line from time to time. */
export function createProgressObserver(host: Host, configuration: Configuration): ProgressObserver {
  const { quiet, again } = configuration.flags;
  const line = createProgressLine(host);
  let last: RunProgress | null = null;
  let isReporting = false;

  function say(text: string): void {
    if (!quiet) line.say(text);
  }

  function momentNow(): StopMoment {
    if (isReporting) return { kind: 'after_calls' };
    if (last === null) return { kind: 'before_calls' };
    return { kind: 'calling', inFlight: last.inFlight, timeoutMs: configuration.limits.timeoutMs };
  }

  const { asItIs, ...waitingLines } = createWaitingLines(say, configuration.timeZone);
  return {
    ...waitingLines,
    runBegan: (began) => {
      last = null;
      isReporting = false;
      say(beganLine(began));
    },
    listRead: (list) => {
      for (const words of formatListRead(list)) say(words);
    },
    listSeenBefore: ({ id }) => {
      const called = again ? '--again calls all of it' : 'only what may come again is called';
      say(`a list with the same content was completed before, in run ${id}: ${called}`);
    },
    listStaged: (planned) => {
      for (const words of plannedLines(planned)) say(words);
    },
    reconciliationBegan: (began) => {
      for (const words of reconciliationLines(began)) say(words);
    },
    membersStaged: (staged) => {
      say(membersLine(staged));
    },
    progress: (progress) => {
      last = progress;
      if (!quiet) line.show(asItIs(progress));
    },
    warned: (sentence) => {
      // Warnings are shown even with --quiet, which is about progress.
      line.say(`warning: ${sentence}`);
    },
    reportBegan: () => {
      isReporting = true;
      say('writing the run folder');
    },
    reportProgress: (progress) => {
      if (!quiet) line.showReport(progress);
    },
    stopAsked: (signal) => {
      line.say(stopWords(signal, momentNow()));
    },
    stoppedAtOnce: () => {
      line.say(STOPPED_AT_ONCE);
    },
    end: line.leave,
  };
}

interface WaitingLines extends Pick<RunObserver, 'jobHeld' | 'ledgerWaiting' | 'ledgerBack'> {
  /** Adds the ledger's silence, which the counter of calls does not know; earlier speed can't predict an end then. */
  readonly asItIs: (progress: RunProgress) => RunProgress;
}

/** Says what a run waits for. */
function createWaitingLines(say: (text: string) => void, timeZone: string): WaitingLines {
  /** When the run will give up waiting for the ledger; null: the ledger answers. */
  let ledgerUntil: Date | null = null;
  return {
    jobHeld: (sentence) => {
      say(`waiting: ${sentence}`);
    },
    ledgerWaiting: (until) => {
      ledgerUntil = until;
      const time = formatTimeOfDay(until, timeZone);
      say(
        `the ledger's database does not answer: nothing is sent; waiting for it until ${time} (${timeZone})`,
      );
    },
    ledgerBack: () => {
      ledgerUntil = null;
      say("the ledger's database is back: the run continues");
    },
    asItIs: (progress) =>
      ledgerUntil === null
        ? progress
        : { ...progress, state: { kind: 'paused', until: ledgerUntil, why: 'ledger' }, end: null },
  };
}

/** Cleans a line but keeps the blanks at its beginning, which indent it. */
function cleanLine(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return indent + cleanUntrustedText(text);
}

export interface ProgressLine {
  readonly show: (progress: RunProgress) => void;
  readonly showReport: (progress: ReportProgress) => void;
  /** Writes on a line of its own. */
  readonly say: (text: string) => void;
  readonly leave: () => void;
}

/**
 * Shows the progress of a run, or of writing its folder: one moving line on stderr, or a plain one from time to time.
 */
export function createProgressLine({ stderr, clock, env }: Host): ProgressLine {
  const moving = createMovingLines(stderr);
  const pace = createPlainPace(clock, 'running');
  let last: RunProgress | null = null;
  let shown: RunProgress | null = null;
  let shownAt = -Infinity;
  let report: { readonly isShown: boolean; readonly at: number } | null = null;

  function say(text: string): void {
    leave();
    // One line each, because they contain names and words from outside.
    stderr.write(`${cleanLine(text)}\n`);
  }

  /** Shows the last figures, not those of a moment before. */
  function leave(): void {
    if (shown !== null && last !== null && last !== shown) redraw(last);
    moving.close();
    shown = null;
    report = null;
  }

  function redraw(progress: RunProgress): void {
    moving.show([formatProgress(progress, clock.now(), styleOf(stderr, env))]);
    shown = progress;
    shownAt = clock.monotonic();
  }

  return {
    show: (progress) => {
      last = progress;
      if (!isMovable(stderr, env)) {
        const now = clock.now();
        const isDue = pace.isDue(stateWord(progress, now), stateLasts(progress, now));
        if (isDue) say(formatProgress(progress, now, styleOf(stderr, env)));
        return;
      }
      const isNews = shown?.state.kind !== progress.state.kind;
      if (isNews || clock.monotonic() - shownAt >= REDRAWN_EVERY_MS) redraw(progress);
    },
    showReport: (progress) => {
      const text = formatReportProgress(progress);
      if (!isMovable(stderr, env)) {
        if (pace.isDue('running', 0)) say(text);
        return;
      }
      // An action that ends in a moment needs no line of its own.
      if (report === null) report = { isShown: false, at: clock.monotonic() };
      const isLast = progress.written === progress.rows && report.isShown;
      if (!isLast && clock.monotonic() - report.at < REDRAWN_EVERY_MS) return;
      moving.show([text]);
      report = { isShown: true, at: clock.monotonic() };
    },
    say,
    leave,
  };
}

function formatReportProgress({ written, rows }: ReportProgress): string {
  return `writing the run folder: ${written} of ${rows} rows`;
}

/** Formats HH:MM:SS in the job's time zone. */
function formatTimeOfDay(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'medium' }).format(at);
}

function membersLine({ members, due, asked }: MembersStaged): string {
  const before = asked === 0 ? '' : ` · ${asked} answered before`;
  return `${members} members · ${due} to ask for${before}`;
}

function beganLine(began: RunBegan): string {
  const verb = began.continued ? 'continuing run' : 'run';
  return `${verb} ${began.runId} · list ${quoteName(began.listName)} · provider ${began.provider}${lostWords(began)}`;
}

function lostWords({ lostCalls }: { readonly lostCalls: number }): string {
  return lostCalls === 0 ? '' : `; ${lostCalls} calls of the process that died may have been sent`;
}

function reconciliationLines(began: ReconciliationBegan): string[] {
  const { id, provider, sample, continued, superseded } = began;
  const verb = continued ? 'continuing reconciliation' : 'reconciliation';
  const who = sample === null ? 'every member' : `a sample of ${sample} members`;
  const closed = superseded === null ? [] : [`closed, because it asked for other members: ${superseded}`];
  return [...closed, `${verb} ${id} · ${who} · provider ${provider}${lostWords(began)}`];
}

/** Returns the first rejected rows with what is wrong, and where all of them will be listed. */
function rejectedLines({ classes, firstRejected }: RunPlanned): string[] {
  const lines = firstRejected.map(
    (rejected) => `  rejected, line ${rejected.line}: ${tellRejection(rejected, 'en')}`,
  );
  const more = classes.rejected - firstRejected.length;
  if (firstRejected.length === 0 || more <= 0) return lines;
  return [...lines, `  … and ${more} more: rejected.csv of the run folder has each with what is wrong`];
}

function plannedLines(planned: RunPlanned): string[] {
  const { classes } = planned;
  const parts = [`${planned.due} to call`];
  if (classes.already_done > 0) parts.push(`${classes.already_done} done before`);
  // Kept classes are never success, so these were called by this run before it was continued.
  const called = classes.enrolled + classes.recovered + classes.already_active;
  if (called > 0) parts.push(`${called} done already by this run`);
  const others = classes.already_done + classes.rejected + classes.duplicate + classes.disputed + called;
  const kept = planned.rowsRead - planned.due - others;
  if (kept > 0) parts.push(`${kept} not to be called again yet`);
  if (classes.rejected > 0) parts.push(`${classes.rejected} rejected`);
  if (classes.duplicate > 0) parts.push(`${classes.duplicate} duplicates`);
  if (classes.disputed > 0) parts.push(`${classes.disputed} disputed`);
  return [`${planned.rowsRead} rows read · ${parts.join(' · ')}`, ...rejectedLines(planned)];
}
