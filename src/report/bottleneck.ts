/** What kept a run from being faster. */
export const bottlenecks = ['rate', 'concurrency', 'provider', 'us'] as const;
export type Bottleneck = (typeof bottlenecks)[number];

export interface SpeedFigures {
  readonly calls: number;
  /** Answered 429, 5xx or not at all. */
  readonly troubled: number;
  /** Calls a second while calls were made. */
  readonly perSecond: number;
  /** Calls under way at once, on an average of the same time. */
  readonly inFlight: number;
  /** What the limits come to a second, and how many calls may leave before any of them makes one wait. */
  readonly allowedPerSecond: number;
  readonly allowedAtOnce: number;
  readonly concurrency: number;
}

/** The rate counts as used from here on: that much is promised. */
const RATE_USED = 0.95;
const SLOTS_FULL = 0.8;
/** As much trouble as slows a run by itself. */
const TROUBLE = 0.05;

/**
 * Null where too few calls were made to tell. In this order: the rate was used; the provider was in trouble, for which
 * the run was slowed or paused; the slots were full of calls under way, so that more of them would have gone faster;
 * else the time between the calls was our own.
 */
export function findBottleneck(figures: SpeedFigures): Bottleneck | null {
  const { calls, troubled, perSecond, inFlight, allowedPerSecond, allowedAtOnce, concurrency } = figures;
  if (calls <= allowedAtOnce) return null;
  if (perSecond >= allowedPerSecond * RATE_USED) return 'rate';
  if (troubled > calls * TROUBLE) return 'provider';
  return inFlight >= concurrency * SLOTS_FULL ? 'concurrency' : 'us';
}
