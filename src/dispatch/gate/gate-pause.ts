import type { Clock } from '../../domain/clock.ts';
import { sleepUnlessChanged } from '../../domain/time/sleep.ts';

/** Why every process that calls the provider waits: it asked for it (Retry-After), or does not answer. */
export type SharedPauseReason = 'throttled' | 'breaker';

/** The same, and that a person asked for it. */
export type GatePauseReason = SharedPauseReason | 'person';

/** A pause whose end moves by less than this is the same pause: the rest of it is told anew every second. */
const SAME_END_MS = 500;

/** Holds the time in which nobody gets a permit: the pause that trouble asks for, and beside it a person's pause. */
export class GatePause {
  private readonly clock: Clock;
  private endsAt = 0;
  private reason: SharedPauseReason | null = null;
  /** When a person's pause ends, or the last one ended. */
  private personsEnd = 0;
  private changed = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Lasts so long from now on; a longer one under way stands. Returns when it ends, by the monotonic clock. */
  extend(milliseconds: number, reason: SharedPauseReason | null): number {
    const endsAt = this.clock.monotonic() + milliseconds;
    if (endsAt > this.endsAt) {
      this.endsAt = endsAt;
      this.reason = reason;
    }
    return this.endsAt;
  }

  /** What is left of a person's pause, which may be made longer or ended at any time; 0: there is none. */
  followPerson(milliseconds: number): void {
    const now = this.clock.monotonic();
    const end = now + milliseconds;
    const former = Math.max(now, this.personsEnd);
    this.personsEnd = end;
    if (Math.abs(end - former) < SAME_END_MS) return;
    this.changed.resolve();
    this.changed = Promise.withResolvers<void>();
  }

  /** Why the one that ends last lasts; null: none is under way, or it is this process's own affair. */
  get why(): GatePauseReason | null {
    if (this.left === 0) return null;
    return this.personsEnd > this.endsAt ? 'person' : this.reason;
  }

  /** Milliseconds until it ends; 0 where none is under way. */
  get left(): number {
    return Math.max(0, Math.max(this.endsAt, this.personsEnd) - this.clock.monotonic());
  }

  /** Resolves when none is under way, the end of a person's pause has moved, or the signal aborts. */
  async untilOver(signal: AbortSignal): Promise<void> {
    const { promise: changed } = this.changed;
    while (this.left > 0 && !signal.aborted && this.changed.promise === changed) {
      await sleepUnlessChanged(this.clock, this.left, { changed, signal });
    }
  }
}
