import type { TimeLost } from '../ledger/runs/attempt-table.ts';

/** The reason why a run was not faster. */
export const bottlenecks = ['rate', 'concurrency', 'refusals', 'silence', 'outage', 'pause', 'us'] as const;
export type Bottleneck = (typeof bottlenecks)[number];

export interface SpeedFigures {
  readonly calls: number;
  readonly lost: TimeLost;
  /** Average number of calls under way at once, while calls were made. */
  readonly inFlight: number;
  /** The calls per second that the limits allow, and how many calls may leave before a limit makes one wait. */
  readonly allowedPerSecond: number;
  readonly allowedAtOnce: number;
  readonly concurrency: number;
}

/** From this share on, the rate counts as used, because that much is promised. */
const RATE_USED = 0.95;
const SLOTS_FULL = 0.8;

const reasonsToWait = ['refusals', 'silence', 'outage', 'paused'] as const;

/**
 * Compares where the time went. The rate was used; or one kind of the provider's trouble, or a person's pause, took
 * more time than any other reason; or all slots were full, so that more of them would have been faster; otherwise the
 * time between calls was our own. Null where there were too few calls to tell and no trouble explains them.
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
