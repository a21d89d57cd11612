/** At most `count` calls in any window of `windowMs`, wherever the window begins. */
export interface RateLimit {
  readonly count: number;
  readonly windowMs: number;
  readonly unit: 's' | 'min' | 'day';
}

const WINDOWS_MS: Readonly<Record<RateLimit['unit'], number>> = { s: 1000, min: 60_000, day: 86_400_000 };

const ONE_RATE = /^([1-9][0-9]{0,6})\/(s|min|day)$/;

/** Matches one limit or several: `20/s` or `20/s, 600/min, 100000/day`. */
export const RATES = /^\s*[1-9][0-9]{0,6}\/(?:s|min|day)\s*(?:,\s*[1-9][0-9]{0,6}\/(?:s|min|day)\s*)*$/;

/**
 * Returns the limits of a text that matches RATES, in its order; null for any other text, or where a unit occurs
 * twice.
 */
export function parseRates(text: string): readonly RateLimit[] | null {
  const limits: RateLimit[] = [];
  for (const part of text.split(',')) {
    const [, count, unit] = ONE_RATE.exec(part.trim()) ?? [];
    if (count === undefined || !isUnit(unit)) return null;
    if (limits.some((limit) => limit.unit === unit)) return null;
    limits.push({ count: Number(count), windowMs: WINDOWS_MS[unit], unit });
  }
  return limits;
}

type Window = Pick<RateLimit, 'count' | 'windowMs'>;

/**
 * Returns how many milliseconds so many calls take at least; the slowest limit decides. A day's calls may all be made
 * at once.
 */
export function timeAtRates(calls: number, rates: readonly Window[]): number {
  return Math.max(
    ...rates.map(({ count, windowMs }) => {
      const windows = isDay(windowMs) ? Math.floor(Math.max(0, calls - 1) / count) : calls / count;
      return windows * windowMs;
    }),
  );
}

/** Returns how many calls fit into a time at most. */
export function callsWithin(ms: number, rates: readonly Window[]): number {
  return Math.min(
    ...rates.map(({ count, windowMs }) =>
      isDay(windowMs) ? count * (1 + Math.floor(ms / windowMs)) : Math.floor((ms * count) / windowMs),
    ),
  );
}

function isDay(windowMs: number): boolean {
  return windowMs === WINDOWS_MS.day;
}

/** A limit as a job file or a run's kept settings have it. */
interface WrittenRate {
  readonly count: number;
  readonly unit: string;
}

export function formatRate(limit: WrittenRate): string {
  return `${limit.count}/${limit.unit}`;
}

export function formatRates(limits: readonly WrittenRate[]): string {
  return limits.map(formatRate).join(', ');
}

function isUnit(text: string | undefined): text is RateLimit['unit'] {
  return text === 's' || text === 'min' || text === 'day';
}
