import type { Host, Output } from '../host.ts';
import { isMovable } from './line-style.ts';
import { PLAIN_EVERY_MS } from './plain-pace.ts';

/** Outputs of a process that say what it waits for until there is something to read. */
export interface WaitingWord {
  readonly stdout: Output;
  readonly stderr: Output;
  /**
   * Shows the words at once, because opening an embedded ledger may leave no turn to a timer. They replace the words
   * before.
   */
  readonly waitsFor: (words: string) => void;
  /** Removes the words before later output. */
  readonly end: () => void;
}

const CLEAR_LINE = '\r\u001b[K';

/**
 * At a terminal the words stand on stderr at once, and any output replaces them. Elsewhere they are a plain line for
 * every 30 s without output, like progress, so that the cron mail of a quick start has none. `isQuiet`: there are
 * none. `showsWord`: one stands there already.
 */
export function createWaitingWord(
  { stdout, stderr, env, clock }: Pick<Host, 'stdout' | 'stderr' | 'env' | 'clock'>,
  isQuiet: boolean,
  showsWord = false,
): WaitingWord {
  let isShown = showsWord;
  let word = '';
  let telling: AbortController | null = null;

  function end(): void {
    if (isShown) stderr.draw(CLEAR_LINE);
    isShown = false;
    telling?.abort();
    telling = null;
  }

  async function tellNowAndThen(stop: AbortSignal): Promise<void> {
    for (let seconds = PLAIN_EVERY_MS / 1_000; ; seconds += PLAIN_EVERY_MS / 1_000) {
      await clock.sleep(PLAIN_EVERY_MS, stop);
      if (stop.aborted) return;
      stderr.write(`${word}: ${seconds} s so far\n`);
    }
  }

  function givingWay(output: Output): Output {
    return {
      isTerminal: output.isTerminal,
      get columns() {
        return output.columns;
      },
      write: (text) => {
        end();
        output.write(text);
      },
      draw: (text) => {
        end();
        output.draw(text);
      },
    };
  }

  return {
    stdout: givingWay(stdout),
    stderr: givingWay(stderr),
    waitsFor: (words) => {
      if (isQuiet) return;
      word = words;
      if (!isMovable(stderr, env)) {
        if (telling !== null) return;
        telling = new AbortController();
        void tellNowAndThen(telling.signal);
        return;
      }
      stderr.draw(`${CLEAR_LINE}${words} …`);
      isShown = true;
    },
    end,
  };
}
