import { access } from 'node:fs/promises';
import { fine, type Finding } from '../../domain/setup/finding.ts';
import { wallTime } from '../../domain/time/wall-time.ts';

/** systemd creates this file when a time server has set this machine's clock. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized';

/**
 * Shows the time in a zone that the job file's schema has accepted, so that a person sees whether the windows are
 * right.
 */
export function tellTimeZone(timeZone: string, now: Date): Finding {
  return fine('time zone', `${timeZone}, where it is ${wallTime(now, timeZone)} now`);
}

/** Returns null where it can't be known: not every time service leaves a sign that all systems have. */
export async function tellClockSync(marker = SYNCHRONIZED): Promise<Finding | null> {
  try {
    await access(marker);
    return fine('clock', 'systemd keeps this machine’s clock in step with a time server');
  } catch {
    return null;
  }
}
