const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

/** Day 1 of the 1900 system is 1 January 1900. From day 61 on, this is the day that counts as 0. */
const DAY_0_OF_1900 = Date.UTC(1899, 11, 30);
const DAY_0_OF_1904 = Date.UTC(1904, 0, 1);

/** The 1900 system counts 29 February 1900, which did not exist, so days before it are one lower. */
const LEAP_DAY_THAT_WAS_NOT = 60;

const LAST_YEAR = 9999;

/** Later than the last day of either system, and small enough for exact seconds. */
const BEYOND_EVERY_DAY = 3_000_000;

/**
 * Converts a sheet's day number into ISO text, to the second: `2024-01-31`, `2024-01-31T13:05:00`, or `13:05:00` for
 * less than one day of the 1900 system, whose day 0 is no date. Returns null where Excel shows no date either: before
 * its first day and after the year 9999.
 */
export function isoDate(serial: number, date1904: boolean): string | null {
  if (!(serial >= 0 && serial < BEYOND_EVERY_DAY)) return null;
  const seconds = Math.round(serial * DAY_SECONDS);
  const day = Math.floor(seconds / DAY_SECONDS);
  const time = isoTime(seconds - day * DAY_SECONDS);
  if (!date1904 && day === 0) return time;
  const date = isoDay(day, date1904);
  if (date === null) return null;
  return time === '00:00:00' ? date : `${date}T${time}`;
}

function isoDay(day: number, date1904: boolean): string | null {
  if (!date1904 && day === LEAP_DAY_THAT_WAS_NOT) return '1900-02-29';
  const earlier = !date1904 && day < LEAP_DAY_THAT_WAS_NOT ? 1 : 0;
  const date = new Date((date1904 ? DAY_0_OF_1904 : DAY_0_OF_1900) + (day + earlier) * DAY_MS);
  return date.getUTCFullYear() > LAST_YEAR ? null : date.toISOString().slice(0, 'yyyy-mm-dd'.length);
}

function isoTime(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
