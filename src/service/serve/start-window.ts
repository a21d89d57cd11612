import type { Configuration } from '../../config/configuration.ts';
import { nextTimeOfDay } from '../../dispatch/windows/call-hours.ts';

const NOON = 12 * 60;

/**
 * Returns the time until which a due start may still begin: before windows.stopAt, and before its night ends at noon.
 */
export function closingOf(
  due: Date,
  { windows, timeZone }: Pick<Configuration, 'windows' | 'timeZone'>,
): Date {
  const ends = [NOON, ...(windows.stopAt === null ? [] : [windows.stopAt])];
  return new Date(Math.min(...ends.map((time) => nextTimeOfDay(time, timeZone, due).getTime())));
}
