import type { Clock } from '../../domain/clock.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { readRunStory, type RunStory } from './run-story.ts';

/** A page waits so long for a story that is being read. */
const PROMPT_MS = 150;
/**
 * A story that took long to read is told again for as long as so many readings would take, so that people who look
 * again and again cost the ledger a small part of its time at most.
 */
const READINGS_APART = 20;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;
/** A story takes some kilobytes, so this many are no burden. */
const MOST_STORIES = 100;

/** A run's story, and when the ledger was asked for it. */
export interface ToldStory {
  readonly story: RunStory;
  readonly at: Date;
}

interface Kept {
  /** The run's row as it was then. */
  readonly row: string;
  readonly told: Promise<ToldStory>;
  /** Until when the story is told again, by the monotonic clock; null while it is being read. */
  endsAt: number | null;
}

/**
 * Reads the stories of runs for all pages. What an ended run's proof is made from may have been changed by hand, and
 * nothing that is cheap to read tells so. Therefore a story is told again for a while that grows with its cost,
 * together with the time at which it was read. A run whose own row has changed is read anew at once.
 */
export class RunStories {
  private readonly ledger: Ledger;
  private readonly clock: Clock;
  private readonly kept = new Map<number, Kept>();
  /** Stories are read one at a time, so that proofs of large runs never hold all connections to the ledger. */
  private last: Promise<unknown> = Promise.resolve();

  constructor({ ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock }) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /** Returns null where reading takes longer than a page should. It goes on, and a later request gets the story. */
  async find(run: RunRow): Promise<ToldStory | null> {
    const answered = new AbortController();
    const late = this.clock.sleep(PROMPT_MS, answered.signal).then(() => null);
    const told = this.read(run);
    // Nobody waits for a story that fails later; the next request is told.
    told.catch(() => undefined);
    try {
      return await Promise.race([told, late]);
    } finally {
      answered.abort();
    }
  }

  private async read(run: RunRow): Promise<ToldStory> {
    const row = JSON.stringify(run);
    const known = this.kept.get(run.run_no);
    const isOver = known !== undefined && known.endsAt !== null && known.endsAt <= this.clock.monotonic();
    if (known?.row === row && !isOver) return await known.told;
    const kept: Kept = { row, told: this.readInTurn(run, () => kept), endsAt: null };
    this.keep(run.run_no, kept);
    return await kept.told;
  }

  private async readInTurn(run: RunRow, keptOf: () => Kept): Promise<ToldStory> {
    const before = this.last;
    const turn = Promise.withResolvers<void>();
    this.last = turn.promise;
    await before;
    const began = this.clock.monotonic();
    try {
      const told = { story: await readRunStory(this.ledger, run), at: this.clock.now() };
      const now = this.clock.monotonic();
      const holdsMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, READINGS_APART * (now - began)));
      keptOf().endsAt = now + holdsMs;
      return told;
    } catch (error) {
      keptOf().endsAt = -Infinity;
      throw error;
    } finally {
      turn.resolve();
    }
  }

  private keep(runNo: number, kept: Kept): void {
    this.kept.delete(runNo);
    this.kept.set(runNo, kept);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_STORIES && oldest !== undefined) this.kept.delete(oldest);
  }
}
