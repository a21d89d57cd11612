import { resolve } from 'node:path';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import type { Failure } from '../failure.ts';
import type { ProcessHost } from '../host.ts';
import { createRunLogger, type LogPlace } from './run-logger.ts';

/**
 * Writes a line to the log about a failure of a command that was to call the provider: an unreachable ledger, a
 * refused list, a second start, a wrong job file. Nobody may have seen the screen, and there may be no run that could
 * record it.
 */
export function logFailure(host: ProcessHost, argv: readonly string[], failure: Failure): void {
  const place = host.logPlace ?? unknownPlace(host, argv);
  const { exitCode, exitCause, reason, hint } = failure;
  const fields = { exitCode, exitCause, reason, hint, command: argv[0] ?? '' };
  const log = createRunLogger(place, host.clock);
  if (exitCause === 'signal') log.info('stopped before its work was done', fields);
  else log.error('failed', fields);
}

/** Returns the log's place where the job file could not be read: where its runs would be by default. */
function unknownPlace({ cwd }: ProcessHost, argv: readonly string[]): LogPlace {
  const given = argv.flatMap((word, index) => {
    if (word === '--reports') return argv[index + 1] ?? [];
    return word.startsWith('--reports=') ? word.slice('--reports='.length) : [];
  });
  const reportsDirectory = resolve(cwd, given.at(-1) ?? 'runs');
  return { reportsDirectory, level: 'info', timeZone: USUAL_TIME_ZONE, job: null, run: null };
}
