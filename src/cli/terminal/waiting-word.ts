import type { Host, Output } from '../host.ts';
import { isMovable } from './line-style.ts';

/** Outputs of a process that say at a terminal what it waits for, until there is something to read. */
export interface WaitingWord {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Shows at once, since what opens an embedded ledger may leave no turn to a timer. In the place of the word before. */
  readonly waitsFor: (words: string) => void;
  /** Takes the word away, for what comes after. */
  readonly end: () => void;
}

const CLEAR_LINE = '\r\u001b[K';

/** The word stands on stderr, at a terminal alone, and gives way to whatever is written. `isQuiet`: there is none. */
export function createWaitingWord(
  { stdout, stderr, env }: Pick<Host, 'stdout' | 'stderr' | 'env'>,
  isQuiet: boolean,
): WaitingWord {
  let isShown = false;

  function end(): void {
    if (isShown) stderr.draw(CLEAR_LINE);
    isShown = false;
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
      if (isQuiet || !isMovable(stderr, env)) return;
      stderr.draw(`${CLEAR_LINE}${words} …`);
      isShown = true;
    },
    end,
  };
}
