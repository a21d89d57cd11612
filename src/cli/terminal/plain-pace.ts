import type { Clock } from '../../domain/clock.ts';

/** What a cron mail can bear. */
export const PLAIN_EVERY_MS = 30_000;
/** A state that comes and goes would fill it. */
const NEWS_EVERY_MS = 10_000;

export interface PlainPace {
  /**
   * Whether a plain line is due now; who is told so writes it. `word`: the state it would tell. `lastsMs`: how long
   * that will go on at least; what is over in a moment, as the pause after a 429, is no news.
   */
  isDue(word: string, lastsMs: number): boolean;
}

/** A line now and then, and one at once when the state is another than the last line's. */
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
