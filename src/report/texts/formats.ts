import type { Language } from '../../domain/language.ts';

/** Formats numbers and times for the reader; null becomes a dash. */
export interface Formats {
  /** 1,234,567; with as many decimals as asked for, none by default. */
  number(value: number | null, decimals?: number): string;
  /** 20.4%. */
  percent(share: number): string;
  /** Date and time to the second, with the zone's name. */
  dateTime(instant: Date | null): string;
  /** Time of day to the second, without the zone. */
  time(instant: Date): string;
  /** Sortable, for cells: 2026-11-23 01:05:00, without the zone. */
  stamp(instant: Date): string;
  /** A night or a day as `yyyy-MM-dd`. */
  date(day: string): string;
  /** In words with at most two units: 4 min 12 sec. Below a second in milliseconds. */
  duration(milliseconds: number | null): string;
  /** Name of the time zone of all times. */
  readonly zone: string;
}

const locales = { ko: 'ko-KR', en: 'en-GB' } as const satisfies Record<Language, string>;
const NONE = '–';

export function createFormats(language: Language, timeZone: string): Formats {
  const locale = locales[language];
  const zone = timeZone === 'Asia/Seoul' ? 'KST' : timeZone;
  const fixed = { calendar: 'gregory', numberingSystem: 'latn' } as const;
  const day = { ...fixed, dateStyle: 'long' } as const;
  const dayInZone = new Intl.DateTimeFormat(locale, { ...day, timeZone });
  const dayInUtc = new Intl.DateTimeFormat(locale, { ...day, timeZone: 'UTC' });
  // Both languages write a time of day in the same way; Korean would drop a leading zero, and columns would not
  // align.
  const clock = {
    ...fixed,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const;
  const time = new Intl.DateTimeFormat('en-GB', { ...clock, timeZone });
  // Swedish dates have the form of ISO 8601, with a blank in place of the T.
  const stamp = new Intl.DateTimeFormat('sv-SE', {
    ...fixed,
    dateStyle: 'short',
    timeStyle: 'medium',
    timeZone,
  });
  return {
    zone,
    number: (value, decimals = 0) => (value === null ? NONE : formatNumber(locale, value, decimals)),
    percent: (share) => formatPercent(locale, share),
    dateTime: (instant) =>
      instant === null ? NONE : `${dayInZone.format(instant)} ${time.format(instant)} ${zone}`,
    time: (instant) => time.format(instant),
    stamp: (instant) => stamp.format(instant),
    date: (date) => dayInUtc.format(new Date(`${date}T00:00:00Z`)),
    duration: (milliseconds) => (milliseconds === null ? NONE : formatDuration(language, milliseconds)),
  };
}

function formatNumber(locale: string, value: number, decimals: number): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale, digits).format(value);
}

/** Formats a share so that it shows 0 % or 100 % only where it is exactly that. */
function formatPercent(locale: string, share: number): string {
  const shown = share > 0 && share < 1 ? Math.min(Math.max(share, 0.001), 0.999) : share;
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(shown);
}

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

function formatDuration(language: Language, milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  if (rounded > 0 && rounded < 1_000) return inUnit(language, 'millisecond', rounded);
  let left = Math.round(milliseconds / 1_000);
  const first = units.findIndex(({ seconds }) => left >= seconds);
  if (first === -1) return inUnit(language, 'second', 0);
  const parts: string[] = [];
  for (const { unit, seconds } of units.slice(first, first + 2)) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) parts.push(inUnit(language, unit, count));
  }
  return parts.join(' ');
}

/** Uses the locale `en`, because the British form writes "secs". */
function inUnit(language: Language, unit: string, count: number): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count);
}
