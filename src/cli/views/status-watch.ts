import stringWidth from 'string-width';
import { USUAL_TIME_ZONE, zonedTime } from '../../domain/time/wall-time.ts';
import type { Host } from '../host.ts';
import { programName } from '../session/program-name.ts';
import { isMovable, styleOf } from '../terminal/line-style.ts';
import type { LiveRun, LiveRuns } from './live-runs.ts';
import { createMovingLines, type MovingLines } from '../terminal/moving-lines.ts';
import { createPlainPace, type PlainPace } from '../terminal/plain-pace.ts';
import { formatProgress, stateLasts, stateWord, type LineStyle } from '../terminal/progress-line.ts';

const LOOKED_AT_EVERY_MS = 1_000;
const NO_CALLS = 'no calls yet';

interface Followed {
  readonly run: LiveRun;
  readonly pace: PlainPace;
}

/** Shows one line for each live run, until none is left or the person stops it. `asked`: only this run. */
export async function watchRuns(live: LiveRuns, asked: string | undefined, host: Host): Promise<void> {
  const enough = new AbortController();
  const endListening = host.onStopSignal(() => {
    enough.abort();
  });
  const screen = createScreen(host);
  const followed = new Map<string, Followed>();
  try {
    for (;;) {
      const runs = (await live.read()).filter((run) => asked === undefined || run.told?.runId === asked);
      if (runs.length === 0 && followed.size === 0) screen.say(nothingRuns(asked, host));
      for (const words of await follow(live, followed, runs, host)) screen.say(words);
      if (runs.length === 0) return;
      screen.show([...followed.values()]);
      await host.clock.sleep(LOOKED_AT_EVERY_MS, enough.signal);
      if (enough.signal.aborted) return;
    }
  } finally {
    screen.close();
    endListening();
  }
}

function nothingRuns(asked: string | undefined, { env }: Host): string {
  return asked === undefined
    ? 'No run is under way.'
    : `Run ${asked} is not under way; ${programName(env)} status ${asked} says where it stands.`;
}

/** Says which runs began and ended since the last look. */
async function follow(
  live: LiveRuns,
  followed: Map<string, Followed>,
  runs: readonly LiveRun[],
  host: Host,
): Promise<string[]> {
  const words: string[] = [];
  const now = new Map(runs.map((run) => [keyOf(run), run]));
  for (const [key, { run }] of followed) {
    if (now.has(key)) continue;
    followed.delete(key);
    if (run.told !== null) words.push(`run ${run.told.runId}: ${await live.endOf(run.told.runId)}`);
  }
  for (const [key, run] of now) {
    const before = followed.get(key);
    if (before === undefined && run.told !== null) words.push(beganWords(run));
    followed.set(key, { run, pace: before?.pace ?? createPlainPace(host.clock, '') });
  }
  return words;
}

/** A job does one run after another. */
function keyOf({ job, pid, told }: LiveRun): string {
  return `${job ?? ''} ${pid} ${told?.runId ?? ''}`;
}

export function beganWords(run: LiveRun): string {
  const zone = run.told?.timeZone ?? USUAL_TIME_ZONE;
  const since = run.since === null ? '' : `, since ${zonedTime(run.since, zone)}`;
  const of = run.told === null ? '' : `, run ${run.told.runId}`;
  return `live: ${whoHas(run)}${since}${of}`;
}

function whoHas({ job, pid, host }: LiveRun): string {
  return `${job === null ? '' : `job ${job}, `}process ${pid} on ${host}`;
}

function lineOf(run: LiveRun, host: Host, style: LineStyle): string {
  return run.told === null
    ? `${whoHas(run)}: ${NO_CALLS}`
    : formatProgress(run.told, host.clock.now(), style);
}

interface Screen extends Pick<MovingLines, 'say' | 'close'> {
  readonly show: (followed: readonly Followed[]) => void;
}

function createScreen(host: Host): Screen {
  const { stdout, env, clock } = host;
  const moving = createMovingLines(stdout);
  const nameOf = ({ run }: Followed, among: number): string =>
    among > 1 && run.job !== null && run.told !== null ? `${run.job}: ` : '';
  return {
    say: moving.say,
    close: moving.close,
    show: (followed) => {
      if (isMovable(stdout, env)) {
        const style = styleOf(stdout, env);
        moving.show(
          followed.map((one) => {
            const name = nameOf(one, followed.length);
            return name + lineOf(one.run, host, { ...style, columns: style.columns - stringWidth(name) });
          }),
        );
        return;
      }
      for (const one of followed) {
        const { told } = one.run;
        const word = told === null ? NO_CALLS : stateWord(told, clock.now());
        if (!one.pace.isDue(word, told === null ? Infinity : stateLasts(told, clock.now()))) continue;
        moving.say(nameOf(one, followed.length) + lineOf(one.run, host, styleOf(stdout, env)));
      }
    },
  };
}
