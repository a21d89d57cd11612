import type { Clock } from '../../domain/clock.ts';

/** Rings once at a time by the monotonic clock, the soonest it was set to since it rang last. */
export class Alarm {
  private readonly clock: Clock;
  private readonly ring: () => void;
  private pending: { readonly at: number; readonly cancel: AbortController } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.clock = clock;
    this.ring = ring;
  }

  /** A time that is later than the one it is set to changes nothing. */
  set(at: number): void {
    if (this.pending !== null && this.pending.at <= at) return;
    this.close();
    const pending = { at, cancel: new AbortController() };
    this.pending = pending;
    // A timer of a part of a millisecond would be early.
    const left = Math.ceil(at - this.clock.monotonic());
    void this.clock.sleep(left, pending.cancel.signal).then(() => {
      if (this.pending !== pending) return;
      this.pending = null;
      this.ring();
    });
  }

  /** It does not ring until it is set again. */
  close(): void {
    const { pending } = this;
    this.pending = null;
    pending?.cancel.abort();
  }
}
