import { z } from 'zod';

const rateOfSettings = z.object({ count: z.int(), windowMs: z.int().min(1), unit: z.string() });
const concurrency = z.int().default(Infinity);
/** Versions that did not spread calls let all of a window leave together. */
const burst = z.int().default(Infinity);
const settingsWithRates = z.object({
  limits: z.object({ rates: z.array(rateOfSettings).min(1), burst, concurrency }),
});
/** Settings saved by versions that allowed only one rate. */
const settingsWithRate = z.object({ limits: z.object({ rate: rateOfSettings, burst, concurrency }) });

export interface Limits {
  readonly rates: readonly z.infer<typeof rateOfSettings>[];
  /** Calls that may leave together. */
  readonly burst: number;
  readonly concurrency: number;
}

/** Of the settings kept with the run; those of another version of the program may not say it. Shortest window first. */
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
