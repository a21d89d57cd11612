import type { Configuration } from '../config/configuration.ts';
import { formatRates } from '../config/rate-limit.ts';
import { isRowClass, isSuccess } from '../domain/class.ts';
import type { RunBegan, RunObserver, RunPlanned, RunProgress } from '../run/run-environment.ts';
import type { Host } from './host.ts';
import { formatListRead } from './list-view.ts';

const TERMINAL_EVERY_MS = 200;
/** What a cron mail can bear. */
const PLAIN_EVERY_MS = 30_000;

export interface ProgressObserver extends RunObserver {
  /** Leaves the terminal's line as it should be for what comes after. */
  end(): void;
}

/** Tells on stderr how a run goes: one moving line on a terminal, a plain line now and then anywhere else. */
export function createProgressObserver(host: Host, configuration: Configuration): ProgressObserver {
  const { stderr, clock } = host;
  const isMoving = stderr.isTerminal && host.env['CI'] === undefined;
  const everyMs = isMoving ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  const allowed = formatRates(configuration.limits.rates);
  let lastTold = clock.monotonic();
  let isLineOpen = false;

  function say(text: string): void {
    if (configuration.flags.quiet) return;
    closeLine();
    stderr.write(`${text}\n`);
  }

  function closeLine(): void {
    if (isLineOpen) stderr.write('\n');
    isLineOpen = false;
  }

  function show(progress: RunProgress): void {
    const line = progressLine(progress, allowed);
    if (!isMoving) {
      say(line);
      return;
    }
    stderr.write(`\r${line.slice(0, Math.max(20, stderr.columns - 1))}\u001b[K`);
    isLineOpen = true;
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
    progress: (progress) => {
      if (configuration.flags.quiet || clock.monotonic() - lastTold < everyMs) return;
      lastTold = clock.monotonic();
      show(progress);
    },
    reportBegan: () => {
      say('writing the run folder');
    },
    end: closeLine,
  };
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

/** One line: how many of how many, how fast, and each class that is not zero. */
export function progressLine(progress: RunProgress, allowed: string): string {
  const final = Object.entries(progress.final);
  const done = final.reduce((sum, [, count]) => sum + count, 0);
  const seconds = Math.max(progress.elapsedMs / 1_000, 0.001);
  const classes = final
    .toSorted(([a], [b]) => rankOf(a) - rankOf(b))
    .map(([name, count]) => `${name} ${count}`);
  const waiting = progress.delayed > 0 ? [`${progress.delayed} wait to be tried again`] : [];
  const speed = `${(progress.calls / seconds).toFixed(1)} calls/s of ${allowed}`;
  return [`${done}/${progress.due} called`, speed, ...classes, ...waiting].join(' · ');
}

/** Success first, then as the calls brought them. */
function rankOf(name: string): number {
  return isRowClass(name) && isSuccess(name) ? 0 : 1;
}
