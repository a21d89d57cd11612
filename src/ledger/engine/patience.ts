import type { Clock } from '../../domain/clock.ts';
import { isUnavailable, type LedgerError } from '../ledger-port.ts';

/** A restart takes seconds and a failover up to a minute. A server that is gone for longer needs a person. */
export const LEDGER_PATIENCE_MS = 120_000;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;

export interface PatienceOptions {
  readonly clock: Clock;
  /** Gives a number from 0 up to 1 for the jitter, so that statements refused together do not come back together. */
  readonly chance: () => number;
  /** Told once when the database stops answering: when patience ends, and what the database said. Then comes `back`. */
  readonly waiting: (until: Date, error: LedgerError) => void;
  /** Told when everything that waited has been answered. */
  readonly back: () => void;
}

/** How long a process waits for a database that does not answer. All its statements share one patience. */
export interface Patience {
  /**
   * Repeats `work` with pauses as long as it rejects as LEDGER_UNAVAILABLE. A commit may go unheard, so `work` must
   * change nothing more when it is repeated. Rejects with its last error when patience is over, for this work or any
   * other, or when `ended` aborts.
   */
  insist<Result>(work: () => Promise<Result>, ended?: AbortSignal): Promise<Result>;
}

export const noPatience: Patience = { insist: async (work) => await work() };

export function createPatience({ clock, chance, waiting, back }: PatienceOptions): Patience {
  const failing = new Set<symbol>();
  // For good: what ends with it must not wait as long once more for each statement of its end.
  let isOver = false;

  function noteFailure(one: symbol, error: LedgerError): void {
    if (failing.size === 0) waiting(new Date(clock.now().getTime() + LEDGER_PATIENCE_MS), error);
    failing.add(one);
  }

  function noteAnswer(one: symbol): void {
    if (failing.delete(one) && failing.size === 0 && !isOver) back();
  }

  return {
    insist: async (work, ended) => {
      const one = Symbol('work');
      let deadline = Infinity;
      for (;;) {
        try {
          const result = await work();
          noteAnswer(one);
          return result;
        } catch (error) {
          if (!isUnavailable(error)) {
            noteAnswer(one);
            throw error;
          }
          const now = clock.monotonic();
          deadline = Math.min(deadline, now + LEDGER_PATIENCE_MS);
          isOver ||= now >= deadline;
          if (isOver || ended?.aborted === true) {
            failing.delete(one);
            throw error;
          }
          noteFailure(one, error);
        }
        await clock.sleep(SHORTEST_PAUSE_MS + chance() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS), ended);
      }
    },
  };
}
