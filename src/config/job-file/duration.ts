const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `10s`, `5m`, `24h`, `90d`. */
export const DURATION = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

/** Milliseconds of a text that matches DURATION; null for any other. */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null;
  const unitMs = UNIT_MS[text.replace(/^[0-9]+/, '')];
  return unitMs === undefined ? null : Number.parseInt(text, 10) * unitMs;
}

const LONGEST_AGE_MS = 3650 * 86_400_000;

/** The same of how long ago something is: ten years at most. No database reckons with moments before the calendar. */
export function parseAge(text: string): number | null {
  const age = parseDuration(text);
  return age === null || age > LONGEST_AGE_MS ? null : age;
}
