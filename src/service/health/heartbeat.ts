import type { Clock } from '../../domain/clock.ts';

/** Without a beat for this long something hangs; the normal pace is 10 s. */
const SILENT_MS = 45_000;

/** Whether a serving process still does its work. */
export interface Health {
  readonly ok: boolean;
  /** When everything was last looked at while the ledger answered; null: never yet. */
  readonly lastBeat: string | null;
  /** What is wrong, as a sentence; null: nothing. */
  readonly problem: string | null;
}

/** Beats whenever everything was looked at and the ledger answered. */
export class Heartbeat {
  private readonly clock: Clock;
  private last: { readonly at: Date; readonly monotonic: number } | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  beat(): void {
    this.last = { at: this.clock.now(), monotonic: this.clock.monotonic() };
  }

  health(): Health {
    if (this.last === null) return { ok: false, lastBeat: null, problem: 'the ledger has not answered yet' };
    const silentMs = this.clock.monotonic() - this.last.monotonic;
    const ok = silentMs < SILENT_MS;
    const seconds = Math.round(silentMs / 1_000);
    return {
      ok,
      lastBeat: this.last.at.toISOString(),
      problem: ok ? null : `the ledger has not answered for ${seconds} s`,
    };
  }
}
