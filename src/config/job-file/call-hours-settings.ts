/** A time of day in the job's time zone, in minutes after midnight. */
export type ClockTime = number;

/** From `start` up to but not including `end`; across midnight where `end` is earlier than `start`. */
export interface Blackout {
  readonly start: ClockTime;
  readonly end: ClockTime;
}

/** The times at which a run may not call. */
export interface CallHoursSettings {
  /** During these hours the run pauses. */
  readonly blackout: readonly Blackout[];
  /** The time of day at which the run ends; null: it ends when it is done. */
  readonly stopAt: ClockTime | null;
}

const MINUTES_OF_A_DAY = 1440;

const CLOCK_TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]';
export const STOP_AT = new RegExp(`^${CLOCK_TIME}$`);
export const BLACKOUT = new RegExp(`^${CLOCK_TIME}-${CLOCK_TIME}$`);

/** Parses a text that matches STOP_AT. */
export function parseClockTime(text: string): ClockTime {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? Number.NaN) * 60 + (minutes ?? Number.NaN);
}

/** Parses a text that matches BLACKOUT. */
export function parseBlackout(text: string): Blackout {
  const [start = '', end = ''] = text.split('-');
  return { start: parseClockTime(start), end: parseClockTime(end) };
}

/** Returns whether the hours leave no time to call, so that a run would wait for ever. */
export function isClosedAllDay(blackout: readonly Blackout[]): boolean {
  const isClosed = (minute: ClockTime): boolean =>
    blackout.some(({ start, end }) =>
      start < end ? minute >= start && minute < end : minute >= start || minute < end,
    );
  return Array.from({ length: MINUTES_OF_A_DAY }, (_, minute) => minute).every(isClosed);
}

export function formatClockTime(time: ClockTime): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(time / 60))}:${two(time % 60)}`;
}
