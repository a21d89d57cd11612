import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { StopSignal } from '../../src/run/run-environment.ts';
import { runProgram, type ProgramEnd, type ProgramOptions } from './program.ts';

/** The machine's clock, put where a test wants it; who sleeps wakes when it is put elsewhere, and looks again. */
export interface MovedClock extends Clock {
  moveTo(instant: string): void;
}

export function createMovedClock(start: string): MovedClock {
  let shift = Date.parse(start) - Date.now();
  let moved = new AbortController();
  return {
    ...systemClock,
    now: () => new Date(Date.now() + shift),
    sleep: async (ms, signal) => {
      await systemClock.sleep(ms, AbortSignal.any([moved.signal, ...(signal === undefined ? [] : [signal])]));
    },
    moveTo: (instant) => {
      shift = Date.parse(instant) - Date.now();
      const before = moved;
      moved = new AbortController();
      before.abort();
    },
  };
}

export interface Serving {
  /** Resolves once the program has written it; rejects where it ends without. */
  said(text: string): Promise<void>;
  /** As `said`, of what a pattern finds; its match. */
  shown(pattern: RegExp): Promise<RegExpExecArray | null>;
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
    said: async (text) => {
      await until(() => written.includes(text), `"${text}"`);
    },
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
