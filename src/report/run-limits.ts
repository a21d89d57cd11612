import { z } from 'zod';

const rateOfSettings = z.object({ count: z.int(), windowMs: z.int().min(1), unit: z.string() });
const concurrency = z.int().default(Infinity);
/** Versions that did not spread calls let all calls of a window leave together. */
const burst = z.int().default(Infinity);
const settingsWithRates = z.object({
  limits: z.object({ rates: z.array(rateOfSettings).min(1), burst, concurrency }),
});
/** Settings saved by versions that allowed only one rate. */
const settingsWithRate = z.object({ limits: z.object({ rate: rateOfSettings, burst, concurrency }) });

export interface Limits {
  readonly rates: readonly z.infer<typeof rateOfSettings>[];
  /** Number of calls that may leave together. */
  readonly burst: number;
  readonly concurrency: number;
}

/**
 * Reads the limits from the settings kept with a run, shortest window first. Settings of another version may lack
 * them.
 */
export function readLimits(settings: unknown): Limits {
  const several = settingsWithRates.safeParse(settings);
  const one = settingsWithRate.safeParse(settings);
  const rates = several.success ? several.data.limits.rates : one.success ? [one.data.limits.rate] : [];
  const limits = several.data?.limits ?? one.data?.limits;
  return {
    rates: rates.toSorted((a, b) => a.windowMs - b.windowMs),
    burst: limits?.burst ?? Infinity,
    concurrency: limits?.concurrency ?? Infinity,
  };
}

/** Calls of a run that were made under the same limits. */
export interface LimitStretch extends Limits {
  /** Null: from the run's beginning. */
  readonly after: Date | null;
  /** Null: to the run's end. */
  readonly until: Date | null;
}

const earlierLimits = z.array(z.object({ until: z.iso.datetime(), limits: z.unknown() }));

/** Returns the limits a run had, oldest first: one stretch, or more where it was continued under other limits. */
export function readLimitStretches(run: {
  readonly settings: unknown;
  readonly earlier_limits: unknown;
}): readonly LimitStretch[] {
  const earlier = earlierLimits.safeParse(run.earlier_limits).data ?? [];
  const ends = earlier.map(({ until }) => new Date(until));
  const all = [...earlier.map(({ limits }) => ({ limits })), run.settings];
  return all.map((settings, index) => {
    const { rates, burst: atOnce, concurrency: slots } = readLimits(settings);
    const [after = null, until = null] = [ends[index - 1], ends[index]];
    return { rates, burst: atOnce, concurrency: slots, after, until };
  });
}
