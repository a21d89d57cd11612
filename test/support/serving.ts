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
  const ended = runProgram(['serve', ...words], {
    ...options,
    stop: stop.signal,
    heard: (text) => {
      written += text;
      heard.resolve();
      heard = Promise.withResolvers();
    },
  });
  return {
    said: async (text) => {
      while (!written.includes(text)) {
        const end = await Promise.race([ended, heard.promise]);
        if (end !== undefined && !written.includes(text))
          throw new Error(`serve ended without saying "${text}":\n${written}`);
      }
    },
    stop: async (signal) => {
      stop.abort(signal);
      return await ended;
    },
  };
}
