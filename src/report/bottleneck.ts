import type { TimeLost } from '../ledger/runs/attempt-table.ts';

/** What kept a run from being faster. */
export const bottlenecks = ['rate', 'concurrency', 'refusals', 'silence', 'outage', 'pause', 'us'] as const;
export type Bottleneck = (typeof bottlenecks)[number];

export interface SpeedFigures {
  readonly calls: number;
  readonly lost: TimeLost;
  /** Calls under way at once, on an average of the time in which calls were made. */
  readonly inFlight: number;
  /** What the limits come to a second, and how many calls may leave before any of them makes one wait. */
  readonly allowedPerSecond: number;
  readonly allowedAtOnce: number;
  readonly concurrency: number;
}

/** The rate counts as used from here on: that much is promised. */
const RATE_USED = 0.95;
const SLOTS_FULL = 0.8;

const reasonsToWait = ['refusals', 'silence', 'outage', 'paused'] as const;

/**
 * Weighs time: the rate was used; or more time went by behind one kind of the provider's trouble, or in a
 * person's pause, than for any other reason; or the slots were full of calls under way, so that more of them would have gone faster; else the time between
 * the calls was our own. Null where too few calls were made to tell, and no trouble explains them.
 */
export function findBottleneck(figures: SpeedFigures): Bottleneck | null {
  const { calls, lost, inFlight, allowedPerSecond, allowedAtOnce, concurrency } = figures;
  const needed = calls / allowedPerSecond;
  const isFew = calls <= allowedAtOnce;
  if (!isFew && needed >= lost.seconds * RATE_USED) return 'rate';
  const worst = reasonsToWait.reduce((most, kind) => (lost[kind] > lost[most] ? kind : most));
  const others = lost.seconds - needed - lost.refusals - lost.silence - lost.outage - lost.paused;
  if (lost[worst] > 0 && lost[worst] >= others && lost[worst] > needed * (1 - RATE_USED))
    return worst === 'paused' ? 'pause' : worst;
  if (isFew) return null;
  return inFlight >= concurrency * SLOTS_FULL ? 'concurrency' : 'us';
}
