import type { Clock } from '../../domain/clock.ts';
import type { CallHours } from './call-hours.ts';

/** What the time of day does to a run. */
export interface HoursEvents {
  closed(until: Date): void;
  opened(): void;
  stopped(): void;
}

export interface KeptHours {
  readonly hours: CallHours;
  readonly stopAt: Date | null;
  readonly clock: Clock;
  /** Aborted when there is nothing left to call. */
  readonly ended: AbortSignal;
}

/** The wall clock may be put right while we sleep, so it is read again at least so often. */
const LONGEST_SLEEP_MS = 60_000;

/** Tells when calls close and open and when the run must stop, until the run ends or is stopped. */
export async function keepHours(
  events: HoursEvents,
  { hours, stopAt, clock, ended }: KeptHours,
): Promise<void> {
  let closedUntil: Date | null = null;
  while (!ended.aborted) {
    const now = clock.now();
    if (stopAt !== null && now >= stopAt) {
      events.stopped();
      return;
    }
    const until = hours.closedUntil(now);
    if (until !== null && until.getTime() !== closedUntil?.getTime()) events.closed(until);
    if (until === null && closedUntil !== null) events.opened();
    closedUntil = until;
    const next = earliest([until ?? hours.closesAt(now), stopAt]);
    if (next === null) return;
    await clock.sleep(Math.min(LONGEST_SLEEP_MS, next.getTime() - now.getTime()), ended);
  }
}

/** Resolves when calls may leave by the time of day, or the signal aborts. */
export async function untilOpen(hours: CallHours, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const now = clock.now();
    const until = hours.closedUntil(now);
    if (until === null || signal.aborted) return;
    await clock.sleep(Math.min(LONGEST_SLEEP_MS, until.getTime() - now.getTime()), signal);
  }
}

function earliest(dates: readonly (Date | null)[]): Date | null {
  const times = dates.flatMap((date) => (date === null ? [] : [date.getTime()]));
  return times.length === 0 ? null : new Date(Math.min(...times));
}
