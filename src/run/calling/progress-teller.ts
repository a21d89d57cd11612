import { formatRates } from '../../config/job-file/rate-limit.ts';
import type { CallPace } from '../../dispatch/progress/call-pace.ts';
import {
  stateAt,
  type DispatchProgress,
  type DispatchState,
} from '../../dispatch/progress/dispatch-progress.ts';
import { expectEnd } from '../../dispatch/progress/expected-end.ts';
import type { CallHours } from '../../dispatch/windows/call-hours.ts';
import type { Caller } from './caller.ts';
import type { LockedEnvironment, RunProgress } from '../run-environment.ts';

export interface ProgressTeller {
  /** Called when a call begins and when it ends, so it is cheap: most of what comes in between is left out. */
  readonly tell: (progress: DispatchProgress) => void;
  /** Tells the last progress where that was left out. */
  end(): Promise<void>;
}

export interface ToldRun {
  readonly caller: Pick<Caller, 'id' | 'provider' | 'size'>;
  /** Rows this process may call. */
  readonly due: number;
  readonly pace: CallPace;
  readonly hours: CallHours;
}

/** Progress is told even while nothing happens, because pauses end and the expected end moves. */
const TELL_EVERY_MS = 1_000;
/** Nobody sees more than this, and there may be thousands of calls a second. A new state is told at once. */
const TOLD_APART_MS = 20;
/** Speed, latency and expected end cost time to compute, and nobody reads them faster than this. */
const RECKON_EVERY_MS = 200;
/** Until so many calls have ended, one record that is called again would distort the ratio. */
const ENOUGH_ENDED = 20;

/** Tells a person how far a run is, and other processes through the job's lock, until `end` is called. */
export function startTelling(environment: LockedEnvironment, told: ToldRun): ProgressTeller {
  const { lock, clock, observer, configuration } = environment;
  const began = clock.monotonic();
  const ended = new AbortController();
  const reckon = createReckoning(environment, told);
  const allowed = formatRates(configuration.limits.rates);
  let last: DispatchProgress = { calls: 0, inFlight: 0, delayed: 0, final: {}, state: { kind: 'running' } };

  let toldAt = -Infinity;
  let isBehind = false;

  function tell(progress: DispatchProgress): void {
    const isNews = progress.state.kind !== last.state.kind;
    last = progress;
    isBehind = true;
    if (isNews || clock.monotonic() - toldAt >= TOLD_APART_MS) tellLast();
  }

  function tellLast(): void {
    last = { ...last, state: stateAt(last.state, clock.now()) };
    toldAt = clock.monotonic();
    isBehind = false;
    const whole: RunProgress = {
      ...last,
      ...reckon(last),
      runId: told.caller.id,
      provider: told.caller.provider,
      rowsRead: told.caller.size,
      due: told.due,
      elapsedMs: clock.monotonic() - began,
      allowed,
      timeZone: configuration.timeZone,
    };
    lock.publish(whole);
    observer.progress(whole);
  }

  async function keepTelling(): Promise<void> {
    for (;;) {
      await clock.sleep(TELL_EVERY_MS, ended.signal);
      if (ended.signal.aborted) return;
      tellLast();
    }
  }

  const telling = keepTelling();
  return {
    tell,
    end: async () => {
      ended.abort();
      await telling;
      if (isBehind) tellLast();
    },
  };
}

type Reckoned = Pick<RunProgress, 'pace' | 'end'>;

/** Computes the costly figures anew when the state has changed, and every RECKON_EVERY_MS. */
function createReckoning(
  environment: LockedEnvironment,
  { due, pace, hours }: ToldRun,
): (progress: DispatchProgress) => Reckoned {
  const { clock, configuration, stopAt } = environment;
  let last: {
    readonly figures: Reckoned;
    readonly state: DispatchState['kind'];
    readonly at: number;
  } | null = null;

  function reckon({ final, calls, inFlight, state }: DispatchProgress): Reckoned {
    const figures = pace.read(state.kind === 'paused');
    const done = Object.values(final).reduce((sum, count) => sum + count, 0);
    const ahead = {
      left: Math.max(0, due - done),
      callsPerRecord: callsPerRecord(calls - inFlight, done),
      usualPerSecond: figures.usualPerSecond,
      rates: configuration.limits.rates,
      pausedUntil: state.kind === 'paused' ? state.until : null,
      stopAt: stopAt?.at ?? null,
      hours,
    };
    return { pace: figures, end: expectEnd(ahead, clock.now()) };
  }

  return (progress) => {
    const at = clock.monotonic();
    const state = progress.state.kind;
    if (last === null || last.state !== state || at - last.at >= RECKON_EVERY_MS) {
      last = { figures: reckon(progress), state, at };
    }
    return last.figures;
  };
}

/** Ended calls for each finished record: 1 until enough calls have ended, null where no record has finished. */
function callsPerRecord(ended: number, done: number): number | null {
  if (ended < ENOUGH_ENDED) return 1;
  return done === 0 ? null : ended / done;
}
