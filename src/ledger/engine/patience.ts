import type { Clock } from '../../domain/clock.ts';
import { isUnavailable, type LedgerError } from '../ledger-port.ts';

/** A restart takes seconds and a failover up to a minute; a server that is gone for longer is somebody's to mend. */
export const LEDGER_PATIENCE_MS = 120_000;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;

export interface PatienceOptions {
  readonly clock: Clock;
  /** 0 up to 1: what was refused together does not come back together. */
  readonly chance: () => number;
  /** The database answers no more; when patience ends unless it does, and what it said. Told once, until `back`. */
  readonly waiting: (until: Date, error: LedgerError) => void;
  /** Everything that waited was answered. */
  readonly back: () => void;
}

/** How long a process bears with a database that does not answer. One for all that it asks of it. */
export interface Patience {
  /**
   * Does `work` again, with a pause, as long as it rejects as LEDGER_UNAVAILABLE; for work whose commit may go unheard
   * and that changes nothing more when it is done a second time. Rejects with its last error when patience is over, for
   * this work or for any other, or when `ended` aborts.
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
