/** Headers as undici delivers them: names in lower case, a list where a header came more than once. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A longer delay is cut to this; it keeps sums of times within what a Date can hold. */
const LONGEST_RETRY_AFTER_MS = 366 * 24 * 60 * 60 * 1000;

const SECONDS = /^(-?\d+(?:\.\d+)?) ?(?:s|sec|secs|seconds?)?$/i;
/**
 * A number from these on is a moment since 1970 and not a delay, which would be 31 years: in seconds, in
 * milliseconds.
 */
const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MS_FROM = 1e11;
/** Splits several values, but not at the comma behind the day of the week in an HTTP date. */
const BETWEEN_VALUES = /(?<!(?:mon|tues?|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?)\s*,\s*/i;

/**
 * Matches the three forms of an HTTP date (RFC 9110): IMF-fixdate, RFC 850, and asctime, which is in GMT without
 * saying so.
 */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -](\d{2}|\d{4}) \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Returns the provider's clock from the answer's Date header, in whole seconds; null where it is missing. */
export function readServerDate(headers: ResponseHeaders): Date | null {
  return parseHttpDate(first(headers['date']));
}

/**
 * Returns Retry-After in milliseconds from `arrivedAt`, never below 0; null without a readable one. It may be a
 * number of seconds, a date, or a moment since 1970 in seconds or milliseconds. Of several values, in several headers
 * or in one, the longest counts. A moment is measured against the answer's own Date where it has one, because our
 * clock may be wrong.
 */
export function readRetryAfterMs(headers: ResponseHeaders, arrivedAt: Date): number | null {
  const given = headers['retry-after'];
  if (given === undefined) return null;
  const now = readServerDate(headers) ?? arrivedAt;
  const values = [given].flat().flatMap((value) => value.split(BETWEEN_VALUES));
  const delays = values.flatMap((value) => parseRetryAfter(value.trim(), now) ?? []);
  return delays.length === 0 ? null : Math.max(...delays);
}

function parseRetryAfter(value: string, now: Date): number | null {
  const seconds = SECONDS.exec(value)?.[1];
  if (seconds !== undefined) return clamp(readNumber(Number(seconds), now));
  const until = parseHttpDate(value) ?? (ISO_DATE.test(value) ? parseDate(value) : null);
  return until === null ? null : clamp(until.getTime() - now.getTime());
}

function readNumber(given: number, now: Date): number {
  if (given >= EPOCH_MS_FROM) return given - now.getTime();
  return given >= EPOCH_SECONDS_FROM ? given * 1000 - now.getTime() : given * 1000;
}

function clamp(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms)), LONGEST_RETRY_AFTER_MS);
}

function parseHttpDate(value: string | undefined): Date | null {
  if (value === undefined) return null;
  if (ASCTIME.test(value)) return parseDate(`${value} GMT`);
  return HTTP_DATE.test(value) ? parseDate(value) : null;
}

function parseDate(text: string): Date | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
