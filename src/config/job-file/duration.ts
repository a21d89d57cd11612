const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Matches `500ms`, `10s`, `5m`, `24h`, `90d`. */
export const DURATION = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

/** Returns the milliseconds of a text that matches DURATION; null for any other. */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null;
  const unitMs = UNIT_MS[text.replace(/^[0-9]+/, '')];
  return unitMs === undefined ? null : Number.parseInt(text, 10) * unitMs;
}

const LONGEST_AGE_MS = 3650 * 86_400_000;

/**
 * Parses an age in the same way, at most ten years, because databases do not count back before the calendar begins.
 */
export function parseAge(text: string): number | null {
  const age = parseDuration(text);
  return age === null || age > LONGEST_AGE_MS ? null : age;
}
