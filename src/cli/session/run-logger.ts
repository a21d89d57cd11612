import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { LogLevel } from '../../config/flags/flag-table.ts';
import type { Clock } from '../../domain/clock.ts';
import type { LogFields, Logger } from '../../domain/logger.ts';
import { cleanUntrustedText, escapeControls } from '../../domain/untrusted-text.ts';
import { isoTime } from '../../domain/time/wall-time.ts';

/** Where the log is kept, and what each of its lines contains. */
export interface LogPlace {
  readonly reportsDirectory: string;
  readonly level: LogLevel;
  /** The job's time zone; times in the log have its offset. */
  readonly timeZone: string;
  /** Null: not known yet. */
  readonly job: string | null;
  /** The current run; null: none has begun. */
  run: string | null;
}

/**
 * Appends JSON lines to one file a day (UTC) in `<reports>/logs/`. A log that can't be written must not stop a run,
 * so there is none then.
 */
export function createRunLogger(place: LogPlace, clock: Pick<Clock, 'now'>): Logger {
  try {
    const folder = join(place.reportsDirectory, 'logs');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const dest = join(folder, `${clock.now().toISOString().slice(0, 10)}.log`);
    const log = pino(
      {
        level: place.level,
        base: {},
        formatters: { level: (label) => ({ level: label }) },
        timestamp: () => `,"time":"${isoTime(clock.now(), place.timeZone)}"`,
        mixin: () => ({ run: place.run, job: place.job }),
      },
      pino.destination({ dest, append: true, sync: true, mode: 0o600 }),
    );
    return {
      debug: (message, fields) => {
        log.debug(cleaned(fields), message);
      },
      info: (message, fields) => {
        log.info(cleaned(fields), message);
      },
      warn: (message, fields) => {
        log.warn(cleaned(fields), message);
      },
      error: (message, fields) => {
        log.error(cleaned(fields), message);
      },
    };
  } catch {
    const nothing = (): void => undefined;
    return { debug: nothing, info: nothing, warn: nothing, error: nothing };
  }
}

/** Cleans the fields. A stack keeps its lines, which JSON writes as `\n`. */
function cleaned(fields: LogFields = {}): LogFields {
  const clean = (value: LogFields[string]): LogFields[string] => {
    if (typeof value !== 'string') return value;
    return value.includes('\n') ? escapeControls(value) : cleanUntrustedText(value);
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(value)]));
}
