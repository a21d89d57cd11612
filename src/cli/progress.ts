import type { Configuration } from '../config/configuration.ts';
import type { RunBegan, RunObserver, RunPlanned, RunProgress } from '../run/run-environment.ts';
import type { Host } from './host.ts';
import { isMovable, styleOf } from './line-style.ts';
import { formatListRead } from './list-view.ts';
import { createMovingLines } from './moving-lines.ts';
import { createPlainPace } from './plain-pace.ts';
import { formatProgress, stateWord } from './progress-line.ts';

const REDRAWN_EVERY_MS = 200;

export interface ProgressObserver extends RunObserver {
  /** Leaves the terminal's line as it should be for what comes after. */
  end(): void;
}

/** Tells on stderr how a run goes: one moving line on a terminal, a plain line now and then anywhere else. */
export function createProgressObserver(host: Host, configuration: Configuration): ProgressObserver {
  const { stderr, clock, env } = host;
  const { quiet } = configuration.flags;
  const moving = createMovingLines(stderr);
  const pace = createPlainPace(clock, 'running');
  let last: RunProgress | null = null;
  let shown: RunProgress | null = null;
  let shownAt = -Infinity;

  function say(text: string): void {
    if (quiet) return;
    leaveLine();
    stderr.write(`${text}\n`);
  }

  /** With the last figures, not those of a moment before. */
  function leaveLine(): void {
    if (shown !== null && last !== shown) redraw();
    moving.close();
    shown = null;
  }

  function redraw(): void {
    if (last === null) return;
    moving.show([formatProgress(last, clock.now(), styleOf(stderr, env))]);
    shown = last;
    shownAt = clock.monotonic();
  }

  function showProgress(progress: RunProgress): void {
    last = progress;
    if (quiet) return;
    if (isMovable(stderr, env)) {
      const isNews = shown?.state.kind !== progress.state.kind;
      if (isNews || clock.monotonic() - shownAt >= REDRAWN_EVERY_MS) redraw();
      return;
    }
    if (pace.isDue(stateWord(progress, clock.now())))
      say(formatProgress(progress, clock.now(), styleOf(stderr, env)));
  }

  return {
    runBegan: (began) => {
      say(beganLine(began));
    },
    listRead: (list) => {
      for (const line of formatListRead(list)) say(line);
    },
    listSeenBefore: ({ id }) => {
      const called = configuration.flags.again
        ? '--again calls all of it'
        : 'only what may come again is called';
      say(`the same content came to its end before, in run ${id}: ${called}`);
    },
    listStaged: (planned) => {
      say(plannedLine(planned));
    },
    progress: showProgress,
    warned: (sentence) => {
      // Also with --quiet, which is about progress.
      leaveLine();
      stderr.write(`warning: ${sentence}\n`);
    },
    reportBegan: () => {
      say('writing the run folder');
    },
    ledgerWaiting: (waitsUntil) => {
      const time = formatTimeOfDay(waitsUntil, configuration.timeZone);
      say(`the ledger's database does not answer: nothing is sent; waiting for it until ${time}`);
    },
    ledgerBack: () => {
      say("the ledger's database is back: the run goes on");
    },
    end: leaveLine,
  };
}

/** HH:MM:SS where the job is at home. */
function formatTimeOfDay(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'medium' }).format(at);
}

function beganLine(began: RunBegan): string {
  const verb = began.continued ? 'continuing run' : 'run';
  const lost =
    began.lostCalls === 0 ? '' : `; ${began.lostCalls} calls of the process that died may have been sent`;
  return `${verb} ${began.runId} · list ${began.listName} · provider ${began.provider}${lost}`;
}

function plannedLine(planned: RunPlanned): string {
  const { classes } = planned;
  const parts = [`${planned.due} to call`];
  if (classes.already_done > 0) parts.push(`${classes.already_done} done before`);
  const others = classes.already_done + classes.rejected + classes.duplicate + classes.disputed;
  const kept = planned.rowsRead - planned.due - others;
  if (kept > 0) parts.push(`${kept} not to be called again yet`);
  if (classes.rejected > 0) parts.push(`${classes.rejected} rejected`);
  if (classes.duplicate > 0) parts.push(`${classes.duplicate} duplicates`);
  if (classes.disputed > 0) parts.push(`${classes.disputed} disputed`);
  return `${planned.rowsRead} rows read · ${parts.join(' · ')}`;
}
