import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { StopSignal } from '../../src/run/run-environment.ts';
import { runProgram, type ProgramEnd, type ProgramOptions } from './program.ts';

/** The machine's clock, at which a test lets time pass; who sleeps wakes when it does, and looks again. */
export interface MovedClock extends Clock {
  moveTo(instant: string): void;
  /** Resolves when somebody next begins to sleep for a minute or longer, as a run does that may not call yet. */
  longSleep(): Promise<void>;
}

export function createMovedClock(start: string): MovedClock {
  let shift = Date.parse(start) - Date.now();
  let passedMs = 0;
  let moved = new AbortController();
  let slept = Promise.withResolvers<void>();
  return {
    ...systemClock,
    now: () => new Date(Date.now() + shift),
    monotonic: () => systemClock.monotonic() + passedMs,
    longSleep: async () => {
      await slept.promise;
    },
    sleep: async (ms, signal) => {
      if (ms >= 60_000) {
        slept.resolve();
        slept = Promise.withResolvers();
      }
      await systemClock.sleep(ms, AbortSignal.any([moved.signal, ...(signal === undefined ? [] : [signal])]));
    },
    moveTo: (instant) => {
      const former = shift;
      shift = Date.parse(instant) - Date.now();
      passedMs += Math.max(0, shift - former);
      const before = moved;
      moved = new AbortController();
      before.abort();
    },
  };
}

export interface Serving {
  /** Resolves once the program has written it so many times; rejects where it ends without. */
  said(text: string, times?: number): Promise<void>;
  /** As `said`, of what a pattern finds; its match. */
  shown(pattern: RegExp): Promise<RegExpExecArray | null>;
  /** All that it has written. */
  written(): string;
  stop(signal: StopSignal): Promise<ProgramEnd>;
}

/** `serve` in this process. */
export function startServing(
  words: readonly string[],
  options: Pick<ProgramOptions, 'cwd' | 'env'> & { readonly clock?: Clock },
): Serving {
  const stop = new AbortController();
  let written = '';
  let heard = Promise.withResolvers<void>();
  const listens = words.includes('--listen');
  const ended = runProgram(['serve', ...words, ...(listens ? [] : ['--listen', 'none'])], {
    ...options,
    stop: stop.signal,
    heard: (text) => {
      written += text;
      heard.resolve();
      heard = Promise.withResolvers();
    },
  });
  const until = async (isThere: () => boolean, what: string): Promise<void> => {
    while (!isThere()) {
      const end = await Promise.race([ended, heard.promise]);
      if (end !== undefined && !isThere()) throw new Error(`serve ended without saying ${what}:\n${written}`);
    }
  };
  return {
    said: async (text, times = 1) => {
      await until(() => written.split(text).length > times, `"${text}"`);
    },
    written: () => written,
    shown: async (pattern) => {
      await until(() => pattern.test(written), String(pattern));
      return pattern.exec(written);
    },
    stop: async (signal) => {
      stop.abort(signal);
      return await ended;
    },
  };
}
