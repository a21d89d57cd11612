import type { Clock } from '../../domain/clock.ts';

const MINUTE_MS = 60_000;

/** Allows a limited number of turns in any minute, or in any other span. */
export class TurnLimit {
  private readonly clock: Clock;
  private readonly turns: number;
  private readonly spanMs: number;
  private taken: number[] = [];

  constructor(clock: Clock, turns: number, spanMs = MINUTE_MS) {
    this.clock = clock;
    this.turns = turns;
    this.spanMs = spanMs;
  }

  /** Returns false where no turn is left for now. */
  take(): boolean {
    const now = this.clock.monotonic();
    this.taken = this.taken.filter((at) => now - at < this.spanMs);
    if (this.taken.length >= this.turns) return false;
    this.taken.push(now);
    return true;
  }
}
