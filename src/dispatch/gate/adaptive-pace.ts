import type { CallSign } from './call-sign.ts';

/** The evidence is the last so many calls, none older than ten seconds. It is judged once a second. */
const MOST_CALLS = 200;
const LOOKED_BACK_MS = 10_000;
const JUDGED_EVERY_MS = 1_000;
/** Fewer faults may be chance, however few the calls are. */
const FEWEST_FAULTS = 5;
const FAULTS_BORNE = 0.05;
/** So many new faults since the last halving are needed, so that the same evidence does not count twice. */
const NEW_FAULTS = 2;
/** Standard deviations on each side of a 95 % interval. */
const Z = 1.96;
const CLIMB_A_SECOND = 0.05;
const SLOWEST = 0.1;

interface EndedCall {
  readonly at: number;
  readonly isFault: boolean;
}

/**
 * The part of the allowed rate that is used now. It halves on a 429, and once a second while faults (5xx, no answer, no
 * connection) are surely above 5 % of the last calls. Otherwise it climbs by 5 % of the whole a second. Random faults
 * of a few per cent change nothing. All times are monotonic milliseconds and are handed in.
 */
export class AdaptivePace {
  /** In the order in which they ended. */
  private ended: EndedCall[] = [];
  private judgedAt: number | null = null;
  private newFaults = 0;
  private fraction = 1;
  private halvedAt = -Infinity;

  /** From a tenth to 1. */
  fractionAt(now: number): number {
    if (this.halvedAt === -Infinity) return 1;
    return Math.min(1, this.fraction + (CLIMB_A_SECOND * (now - this.halvedAt)) / 1_000);
  }

  /** A call that left at `leftAt` is over. */
  observe(sign: CallSign, leftAt: number, now: number): void {
    if (sign === 'throttled') {
      // Calls that left before the rate was halved say nothing about the halved rate.
      if (leftAt >= this.halvedAt) this.halve(now);
      return;
    }
    const isFault = sign !== 'sound';
    this.ended.push({ at: now, isFault });
    if (isFault) this.newFaults += 1;
    this.judgedAt ??= now;
    if (now - this.judgedAt >= JUDGED_EVERY_MS) this.judge(now);
  }

  private judge(now: number): void {
    this.judgedAt = now;
    this.ended = this.ended.slice(-MOST_CALLS).filter(({ at }) => at > now - LOOKED_BACK_MS);
    const faults = this.ended.filter(({ isFault }) => isFault).length;
    if (faults < FEWEST_FAULTS || this.newFaults < NEW_FAULTS) return;
    if (leastShare(faults, this.ended.length) > FAULTS_BORNE) this.halve(now);
  }

  private halve(now: number): void {
    this.fraction = Math.max(SLOWEST, this.fractionAt(now) / 2);
    this.halvedAt = now;
    this.newFaults = 0;
  }
}

/** The lower bound of Wilson's interval for a share seen in so many cases. */
function leastShare(seen: number, cases: number): number {
  const share = seen / cases;
  const square = Z * Z;
  const middle = share + square / (2 * cases);
  const spread = Z * Math.sqrt((share * (1 - share)) / cases + square / (4 * cases * cases));
  return (middle - spread) / (1 + square / cases);
}
