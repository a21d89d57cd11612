/** A time of day in the job's time zone, in minutes after midnight. */
export type ClockTime = number;

/** From `start` up to and without `end`; over midnight where `end` is the earlier. */
export interface Blackout {
  readonly start: ClockTime;
  readonly end: ClockTime;
}

/** When a run may not call. */
export interface CallHoursSettings {
  /** Meanwhile the run pauses. */
  readonly blackout: readonly Blackout[];
  /** At which the run ends; null: when it is done. */
  readonly stopAt: ClockTime | null;
}

const MINUTES_OF_A_DAY = 1440;

const CLOCK_TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]';
export const STOP_AT = new RegExp(`^${CLOCK_TIME}$`);
export const BLACKOUT = new RegExp(`^${CLOCK_TIME}-${CLOCK_TIME}$`);

/** Of a text that matches STOP_AT. */
export function parseClockTime(text: string): ClockTime {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? Number.NaN) * 60 + (minutes ?? Number.NaN);
}

/** Of a text that matches BLACKOUT. */
export function parseBlackout(text: string): Blackout {
  const [start = '', end = ''] = text.split('-');
  return { start: parseClockTime(start), end: parseClockTime(end) };
}

/** Windows that leave nothing open would have a run wait for ever. */
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
