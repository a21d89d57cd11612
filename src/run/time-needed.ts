import type { Configuration } from '../config/configuration.ts';
import { callsWithin, timeAtRates } from '../config/job-file/rate-limit.ts';
import { createCallHours, stopTimeOf } from '../dispatch/windows/call-hours.ts';

/** How long the calls of a list take, and until when. */
export interface TimeNeeded {
  /** Seconds at the allowed rate with one call a record; blackouts are not counted. */
  readonly secondsAtLeast: number;
  /** When a run begun at `beginsAt` ends at the earliest, with its blackouts. */
  readonly endsAt: Date;
  /** Whether it fits before `windows.stopAt`; null where the job has none. */
  readonly beforeStop: FitBeforeStop | null;
}

export interface FitBeforeStop {
  readonly stopAt: Date;
  readonly fits: boolean;
  /** Calls that fit at the allowed rate, of those due. */
  readonly calls: number;
}

/** `beginsAt`: when the list's turn comes; `now`: when the whole job begins, after which `stopAt` is looked for. */
export function timeNeeded(
  { limits, windows, timeZone }: Pick<Configuration, 'limits' | 'windows' | 'timeZone'>,
  { due, beginsAt, now }: { readonly due: number; readonly beginsAt: Date; readonly now: Date },
): TimeNeeded {
  const neededMs = timeAtRates(due, limits.rates);
  const open = createCallHours(windows, timeZone);
  const endsAt = due === 0 ? beginsAt : open.after(beginsAt, neededMs);
  const stop = stopTimeOf(windows, timeZone, now);
  return {
    secondsAtLeast: Math.ceil(neededMs / 1000),
    endsAt,
    beforeStop: stop && {
      stopAt: stop.at,
      fits: endsAt <= stop.at,
      calls: Math.min(due, callsWithin(open.openTime(beginsAt, stop.at), limits.rates)),
    },
  };
}
