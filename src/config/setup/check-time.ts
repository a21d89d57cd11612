import { access } from 'node:fs/promises';
import { fine, type Finding } from '../../domain/setup/finding.ts';
import { wallTime } from '../../domain/time/wall-time.ts';

/** Put there by systemd when the clock of this machine has been set by a time server. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized';

/** A zone that the job file's schema has let pass; a person sees by it whether the windows mean their own nights. */
export function tellTimeZone(timeZone: string, now: Date): Finding {
  return fine('time zone', `${timeZone}, where it is ${wallTime(now, timeZone)} now`);
}

/** Null where nobody can know: what keeps a clock in step leaves no sign that all systems have. */
export async function tellClockSync(marker = SYNCHRONIZED): Promise<Finding | null> {
  try {
    await access(marker);
    return fine('clock', 'systemd keeps this machine’s clock in step with a time server');
  } catch {
    return null;
  }
}
