import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { LogLevel } from '../../config/flags.ts';
import type { Logger } from '../../domain/logger.ts';

/**
 * One file a day in `<reports>/logs/`, JSON lines, appended at once. A log that can't be written must not stop
 * money from being right: then there is none.
 */
export function createRunLogger(reportsDirectory: string, level: LogLevel, now: Date): Logger {
  try {
    const folder = join(reportsDirectory, 'logs');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const dest = join(folder, `${now.toISOString().slice(0, 10)}.log`);
    const log = pino({ level, base: {} }, pino.destination({ dest, append: true, sync: true, mode: 0o600 }));
    return {
      debug: (message, fields) => {
        log.debug(fields ?? {}, message);
      },
      info: (message, fields) => {
        log.info(fields ?? {}, message);
      },
      warn: (message, fields) => {
        log.warn(fields ?? {}, message);
      },
      error: (message, fields) => {
        log.error(fields ?? {}, message);
      },
    };
  } catch {
    const nothing = (): void => undefined;
    return { debug: nothing, info: nothing, warn: nothing, error: nothing };
  }
}
