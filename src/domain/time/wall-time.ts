/** The zone in which times are shown where no job and no run names another. */
export const USUAL_TIME_ZONE = 'Asia/Seoul';

/** Formats a time of day in a time zone as 2026-11-23 01:05. */
export function wallTime(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(
    instant,
  );
}

/** Formats a time that stands alone, as 2026-11-23 01:05 Asia/Seoul. */
export function zonedTime(instant: Date, timeZone: string): string {
  return `${wallTime(instant, timeZone)} ${timeZone}`;
}

/** Formats an instant that another process wrote like `zonedTime`; a text that is no instant is returned as it is. */
export function zonedTimeOfText(written: string, timeZone: string): string {
  const instant = new Date(written);
  return Number.isNaN(instant.getTime()) ? written : zonedTime(instant, timeZone);
}

/** Formats as 2026-11-23T01:05:09.123+09:00: local time that sorts and can be read without knowing the place. */
export function isoTime(instant: Date, timeZone: string): string {
  const wall = secondsOf(instant, timeZone).replace(' ', 'T');
  const seconds = Math.floor(instant.getTime() / 1_000) * 1_000;
  const minutes = Math.round((Date.parse(`${wall}Z`) - seconds) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${wall}.${String(instant.getTime() - seconds).padStart(3, '0')}${offset}`;
}

/** Formats as 2026-11-23 01:05:09, for times that follow each other closely. */
export function secondsOf(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    instant,
  );
}
