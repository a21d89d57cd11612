import { z } from 'zod';
import { CRON_FIELDS, whyNoCronLine } from './cron-line.ts';
import { DURATION, parseDuration } from './duration.ts';
import { RATES, parseRates } from './rate-limit.ts';

/** Schemas shared by the job file and the flags. No message repeats the value, because it may be a secret. */

export const listEncodings = ['auto', 'utf-8', 'utf-16le', 'utf-16be', 'cp949', 'latin-1'] as const;

/** JWE content encryption of bodies; the content key is always wrapped with RSA-OAEP-256. */
export const contentEncryptions = ['A128GCM', 'A256GCM'] as const;
export type ContentEncryption = (typeof contentEncryptions)[number];

/** A text of one form. A number is refused and not turned into text, because a long id would have lost digits. */
export function text(expected: string, pattern = /\S/) {
  return z.string({ error: wrongType(expected) }).regex(pattern, `expected ${expected}`);
}

export function wholeNumber(min: number, max: number) {
  // With its commas no masking takes the number for an id.
  const expected = `expected a whole number from ${min} to ${max.toLocaleString('en-US')}`;
  return z.int({ error: expected }).min(min, expected).max(max, expected);
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `expected ${values.join(' or ')}` });
}

export function yesOrNo() {
  return z.boolean({ error: 'expected true or false' });
}

/** A duration in milliseconds. */
export function duration(shortest: string, longest: string) {
  const expected = `a duration from ${shortest} to ${longest}, such as 500ms, 10s, 5m, 24h or 90d`;
  return text(expected, DURATION).transform((written, context) => {
    const ms = parseDuration(written) ?? Number.NaN;
    if (ms >= (parseDuration(shortest) ?? 0) && ms <= (parseDuration(longest) ?? 0)) return ms;
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
}

export function rates() {
  const expected = 'a rate such as 20/s or 600/min, each unit once';
  return text(expected, RATES).transform((written, context) => {
    const limits = parseRates(written);
    if (limits !== null) return limits;
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
}

/** Parses `1s..60s` into milliseconds. */
export function backoff() {
  const expected = 'two durations of at most 1h, the shorter first, such as 1s..60s';
  const pattern = /^[1-9][0-9]{0,8}(?:ms|s|m|h)\.\.[1-9][0-9]{0,8}(?:ms|s|m|h)$/;
  return text(expected, pattern).transform((written, context) => {
    const [minMs, maxMs] = written.split('..').map((part) => parseDuration(part) ?? Number.NaN);
    if (minMs !== undefined && maxMs !== undefined && minMs <= maxMs && maxMs <= 3_600_000)
      return { minMs, maxMs };
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
}

export function cronLine() {
  return text('the five fields of a cron line', CRON_FIELDS).superRefine((line, context) => {
    const problem = CRON_FIELDS.test(line) ? whyNoCronLine(line) : null;
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
}

export function timeZoneName() {
  return text('a time zone name such as Asia/Seoul').refine(
    isTimeZone,
    'expected a time zone name such as Asia/Seoul',
  );
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function wrongType(expected: string) {
  return ({ input }: { readonly input?: unknown }): string => {
    if (input === undefined) return `is missing: expected ${expected}`;
    return typeof input === 'number' || typeof input === 'boolean'
      ? `expected ${expected}, written in quotes`
      : `expected ${expected}`;
  };
}
