import type { Configuration } from '../config/configuration.ts';
import { createCallWindows, stopTimeOf } from '../dispatch/windows.ts';

type Rates = Configuration['limits']['rates'];

/** How long the calls of a list take, and until when. */
export interface TimeNeeded {
  /** At the allowed rate, one call each; blackout windows not counted. */
  readonly secondsAtLeast: number;
  /** When a run begun at `beginsAt` is done at the earliest, over blackout windows. */
  readonly endsAt: Date;
  /** Against `windows.stopAt`; null where the job has none. */
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
  const open = createCallWindows(windows, timeZone);
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

/** Milliseconds that so many calls take at least: the slowest limit decides. A day's calls may all be made at once. */
function timeAtRates(calls: number, rates: Rates): number {
  return Math.max(
    ...rates.map(({ count, windowMs, unit }) => {
      const windows = unit === 'day' ? Math.floor(Math.max(0, calls - 1) / count) : calls / count;
      return windows * windowMs;
    }),
  );
}

/** Calls that fit into so much time at most. */
function callsWithin(ms: number, rates: Rates): number {
  return Math.min(
    ...rates.map(({ count, windowMs, unit }) =>
      unit === 'day' ? count * (1 + Math.floor(ms / windowMs)) : Math.floor((ms * count) / windowMs),
    ),
  );
}
