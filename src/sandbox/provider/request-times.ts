export type TimeZoneName = 'KST' | 'UTC';

const HOUR_MS = 60 * 60 * 1000;
/** Korea has had no daylight saving time since 1988. */
const aheadOfUtcMs: Readonly<Record<TimeZoneName, number>> = { KST: 9 * HOUR_MS, UTC: 0 };

/** Returns the instant, in ms since 1970, of `yyyyMMddHHmmss` in a zone; null where that time does not exist. */
export function readTranTime(text: string, zone: TimeZoneName): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const instant = Date.parse(written);
  // 31 February would be read as 3 March.
  if (Number.isNaN(instant) || new Date(instant).toISOString() !== written) return null;
  return instant - aheadOfUtcMs[zone];
}

/** Formats an instant in a zone as `yyyyMMddHHmmss`. */
export function writeTranTime(instant: Date, zone: TimeZoneName): string {
  return shiftTo(instant, zone).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

/** Formats an instant in a zone as `HH:mm`. */
export function writeTimeOfDay(instant: Date, zone: TimeZoneName): string {
  return shiftTo(instant, zone).toISOString().slice(11, 16);
}

function shiftTo(instant: Date, zone: TimeZoneName): Date {
  return new Date(instant.getTime() + aheadOfUtcMs[zone]);
}
