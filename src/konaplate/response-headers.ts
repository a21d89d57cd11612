/** As undici hands them over: names in lower case, a list where a header came more than once. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

const MAX_RETRY_AFTER_MS = 10 * 60 * 1000;

const SECONDS = /^-?\d+(\.\d+)?$/;
/** IMF-fixdate and the older RFC 850 form; asctime names no zone and is not taken. */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -](\d{2}|\d{4}) \d{2}:\d{2}:\d{2} GMT$/;

/** The provider's clock as it put it on the answer, whole seconds; null where it did not. */
export function readServerDate(headers: ResponseHeaders): Date | null {
  return parseHttpDate(first(headers['date']));
}

/**
 * Retry-After in milliseconds from `arrivedAt`, 0 to 10 minutes; null without a readable one. A date is
 * measured against the Date of the same answer where it has one, so that our clock may be wrong.
 */
export function readRetryAfterMs(headers: ResponseHeaders, arrivedAt: Date): number | null {
  const value = first(headers['retry-after'])?.trim();
  if (value === undefined) return null;
  if (SECONDS.test(value)) return clamp(Number(value) * 1000);
  const until = parseHttpDate(value);
  if (until === null) return null;
  return clamp(until.getTime() - (readServerDate(headers) ?? arrivedAt).getTime());
}

function clamp(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms)), MAX_RETRY_AFTER_MS);
}

function parseHttpDate(value: string | undefined): Date | null {
  if (value === undefined || !HTTP_DATE.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : new Date(ms);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
