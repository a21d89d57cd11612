import { Cron } from 'croner';
import {
  formatClockTime,
  type ClockTime,
  type CallHoursSettings,
} from '../../config/job-file/call-hours-settings.ts';

/** When calls may leave, by the wall clock of the job's time zone. */
export interface CallHours {
  /** When calls may leave again; null: they may now. */
  closedUntil(now: Date): Date | null;
  /** The next instant after `now` at which calls may leave no longer; null: never. */
  closesAt(now: Date): Date | null;
  /** The instant at which so much open time has passed since `begin`. */
  after(begin: Date, openMs: number): Date;
  /** Milliseconds between the two in which calls may leave. */
  openTime(begin: Date, end: Date): number;
}

interface Daily {
  readonly opens: Cron;
  readonly closes: Cron;
}

/** Most open stretches looked at: more than the days any list takes; it ends the search where nothing is ever open. */
const MOST_STRETCHES = 20_000;

/** A clock change moves a blackout with it: one that begins in a skipped hour begins at its end. */
export function createCallHours({ blackout }: CallHoursSettings, timeZone: string): CallHours {
  const closures: Daily[] = blackout.map(({ start, end }) => ({
    closes: dailyAt(start, timeZone),
    opens: dailyAt(end, timeZone),
  }));
  // The stretch in which calls are known to be allowed; kept because this is asked before every call.
  let open = { from: Infinity, until: -Infinity };

  function endOfClosed(now: Date): Date | null {
    const ends = closures.flatMap(({ opens, closes }) => {
      const end = next(opens, now);
      return end < next(closes, now) ? [end] : [];
    });
    return ends.length === 0 ? null : latest(ends);
  }

  function closedUntil(now: Date): Date | null {
    const at = now.getTime();
    if (at >= open.from && at < open.until) return null;
    // One blackout may begin within another, or where another ends.
    let until = endOfClosed(now);
    for (let end = until; end !== null; end = endOfClosed(end)) until = end;
    if (until === null) open = { from: at, until: closesAt(now)?.getTime() ?? Infinity };
    return until;
  }

  function closesAt(now: Date): Date | null {
    const starts = closures.map(({ closes }) => next(closes, now).getTime());
    return starts.length === 0 ? null : new Date(Math.min(...starts));
  }

  function* openStretches(begin: Date): Generator<{ from: number; until: number }> {
    let from = closedUntil(begin) ?? begin;
    for (let count = 0; count < MOST_STRETCHES; count += 1) {
      const until = closesAt(from);
      yield { from: from.getTime(), until: until?.getTime() ?? Infinity };
      if (until === null) return;
      from = closedUntil(until) ?? until;
    }
  }

  return {
    closedUntil,
    closesAt,
    after: (begin, openMs) => {
      let left = openMs;
      let end = begin.getTime();
      for (const { from, until } of openStretches(begin)) {
        end = from + left;
        if (end <= until) break;
        left -= until - from;
      }
      return new Date(end);
    },
    openTime: (begin, end) => {
      let sum = 0;
      for (const { from, until } of openStretches(begin)) {
        if (from >= end.getTime()) break;
        sum += Math.min(until, end.getTime()) - from;
      }
      return sum;
    },
  };
}

export interface StopTime {
  readonly at: Date;
  /** The sentence a person is told then. */
  readonly sentence: string;
}

/** Returns when a run that begins now has to end; null: it may go on until it is done. */
export function stopTimeOf({ stopAt }: CallHoursSettings, timeZone: string, begin: Date): StopTime | null {
  if (stopAt === null) return null;
  return {
    at: nextTimeOfDay(stopAt, timeZone, begin),
    sentence: `stopped at ${formatClockTime(stopAt)} by windows.stopAt (${timeZone})`,
  };
}

/** Returns the first instant after `after` at which the clock of the place shows the time. */
export function nextTimeOfDay(time: ClockTime, timeZone: string, after: Date): Date {
  return next(dailyAt(time, timeZone), after);
}

function dailyAt(time: ClockTime, timeZone: string): Cron {
  const [hour, minute] = formatClockTime(time).split(':');
  return new Cron(`${Number(minute)} ${Number(hour)} * * *`, { timezone: timeZone });
}

function next(daily: Cron, after: Date): Date {
  const found = daily.nextRun(after);
  if (found === null) throw new Error('a time of day comes again every day');
  return found;
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}
