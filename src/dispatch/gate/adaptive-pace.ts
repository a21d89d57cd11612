import type { CallVerdict } from '../call/call-verdict.ts';

/** The figures are the issue's: a provider in trouble is let breathe, one fault in many moves nothing. */
const LOOKED_BACK_MS = 10_000;
const ENOUGH_CALLS = 20;
const FAULTS_BORNE = 0.05;
const CLIMB_A_SECOND = 0.05;
const SLOWEST = 0.1;
/** Calls are counted by so many milliseconds, so that ten seconds of a thousand calls are a list of a hundred. */
const STEP_MS = 100;

interface CountedCalls {
  readonly step: number;
  calls: number;
  faults: number;
}

/**
 * Which part of the allowed rate is used now. Halves on a 429, or when faults pass 5 % of the calls that ended in the
 * last 10 s; then climbs by 5 % of the whole a second. All times are monotonic milliseconds, handed in.
 */
export class AdaptivePace {
  private readonly counted: CountedCalls[] = [];
  private fraction = 1;
  private halvedAt = -Infinity;

  /** From a tenth to 1. */
  fractionAt(now: number): number {
    if (this.halvedAt === -Infinity) return 1;
    return Math.min(1, this.fraction + (CLIMB_A_SECOND * (now - this.halvedAt)) / 1_000);
  }

  /** A call that left at `leftAt` is over. What left before the rate was halved says nothing of the halved rate. */
  note(verdict: CallVerdict, leftAt: number, now: number): void {
    if (verdict === 'not_sent' || leftAt < this.halvedAt) return;
    if (verdict === 'throttled') this.halve(now);
    else {
      this.count(verdict, now);
      if (this.hasTooManyFaults()) this.halve(now);
    }
  }

  private halve(now: number): void {
    this.fraction = Math.max(SLOWEST, this.fractionAt(now) / 2);
    this.halvedAt = now;
    this.counted.length = 0;
  }

  private count(verdict: CallVerdict, now: number): void {
    const step = Math.floor(now / STEP_MS);
    while ((this.counted[0]?.step ?? Infinity) <= step - LOOKED_BACK_MS / STEP_MS) this.counted.shift();
    let last = this.counted.at(-1);
    if (last?.step !== step) {
      last = { step, calls: 0, faults: 0 };
      this.counted.push(last);
    }
    last.calls += 1;
    if (verdict === 'fault') last.faults += 1;
  }

  private hasTooManyFaults(): boolean {
    const calls = this.counted.reduce((sum, counted) => sum + counted.calls, 0);
    const faults = this.counted.reduce((sum, counted) => sum + counted.faults, 0);
    return calls >= ENOUGH_CALLS && faults > calls * FAULTS_BORNE;
  }
}
