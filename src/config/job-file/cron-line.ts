import { Cron } from 'croner';

/**
 * The times at which a job starts by itself. A time that the clock change skips is moved to the end of the skipped
 * hour.
 */
export interface CronLine {
  /** Returns the first start after an instant. */
  next(after: Date): Date;
  /**
   * Returns the last start after `since` and not after `until`, and how many came before it; null where there was
   * none.
   */
  lastBetween(since: Date, until: Date): { readonly at: Date; readonly earlier: number } | null;
}

/** Matches five fields; names such as `@daily` are not allowed. */
export const CRON_FIELDS = /^\S+(?:\s+\S+){4}$/;

/** Creates a cron line from a text that `whyNoCronLine` accepts. */
export function createCronLine(line: string, timeZone: string): CronLine {
  const cron = openCron(line, timeZone);
  const next = (after: Date): Date => {
    const found = cron.nextRun(after);
    if (found === null) throw new Error('a cron line that was checked comes again');
    return found;
  };
  return {
    next,
    lastBetween: (since, until) => {
      const due: Date[] = [];
      for (let at = next(since); at <= until; at = next(at)) due.push(at);
      const at = due.at(-1);
      return at === undefined ? null : { at, earlier: due.length - 1 };
    },
  };
}

/** Returns what is wrong with a text that has five fields; null where nothing is. */
export function whyNoCronLine(line: string): string | null {
  try {
    return openCron(line, 'UTC').nextRun() === null ? 'names a day that never comes' : null;
  } catch {
    return 'expected minute, hour, day of the month, month and day of the week, such as "0 1 * * *"';
  }
}

function openCron(line: string, timezone: string): Cron {
  return new Cron(line, { timezone, mode: '5-part' });
}
