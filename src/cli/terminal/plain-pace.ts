import type { Clock } from '../../domain/clock.ts';

/** How often a plain line is written, so that a cron mail stays short. */
export const PLAIN_EVERY_MS = 30_000;
/** Shortest time between lines about a changed state, because a state that comes and goes would fill the mail. */
const NEWS_EVERY_MS = 10_000;

export interface PlainPace {
  /**
   * Returns whether a plain line is due now; the caller then writes it. `word`: the state to report. `lastsMs`: the
   * shortest time the state will last; a state that ends in a moment, such as the pause after a 429, is no news.
   */
  isDue(word: string, lastsMs: number): boolean;
}

/** Lets a line through from time to time, and at once when the state differs from that of the last line. */
export function createPlainPace(clock: Clock, word: string): PlainPace {
  let told = word;
  let lastLine = clock.monotonic();
  let lastNews = -Infinity;
  return {
    isDue: (next, lastsMs) => {
      const now = clock.monotonic();
      const isNews = next !== told && lastsMs >= NEWS_EVERY_MS && now - lastNews >= NEWS_EVERY_MS;
      if (!isNews && now - lastLine < PLAIN_EVERY_MS) return false;
      if (next !== told) lastNews = now;
      told = next;
      lastLine = now;
      return true;
    },
  };
}
