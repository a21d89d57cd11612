import { nightOf } from '../night.ts';

/** More than the longest possible day, on which clocks are put back. */
const LONGEST_DAY_MS = 26 * 60 * 60 * 1000;

/** Returns the date of an instant in `timeZone` as `yyyy-MM-dd`. */
export function dayOf(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instant);
}

/** Returns the first instant of the day an instant belongs to. */
export function startOfDay(instant: Date, timeZone: string): Date {
  const today = dayOf(instant, timeZone);
  return firstInstant(instant.getTime() - LONGEST_DAY_MS, (at) => dayOf(at, timeZone) >= today);
}

/** Returns the first instant of the next day. */
export function startOfNextDay(instant: Date, timeZone: string): Date {
  const today = dayOf(instant, timeZone);
  return firstInstant(instant.getTime(), (at) => dayOf(at, timeZone) > today);
}

/** Returns the first instant of the night after the one an instant belongs to. */
export function startOfNextNight(instant: Date, timeZone: string): Date {
  const tonight = nightOf(instant, timeZone);
  return firstInstant(instant.getTime(), (at) => nightOf(at, timeZone) > tonight);
}

/**
 * Searches by halving: no time zone table tells in milliseconds when a day begins, and some days do not begin at
 * 00:00.
 */
function firstInstant(from: number, holds: (at: Date) => boolean): Date {
  let no = from;
  let yes = from + LONGEST_DAY_MS;
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (holds(new Date(middle))) yes = middle;
    else no = middle;
  }
  return new Date(yes);
}
