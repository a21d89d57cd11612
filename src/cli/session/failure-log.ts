import { resolve } from 'node:path';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import type { Failure } from '../failure.ts';
import type { ProcessHost } from '../host.ts';
import { createRunLogger, type LogPlace } from './run-logger.ts';

/**
 * Leaves a line in the log of what ended a command that was to call the provider: a ledger that is down, a refused
 * list, a second start, a wrong job file. Nobody may have seen the screen, and no run may have begun that could say it.
 */
export function logFailure(host: ProcessHost, argv: readonly string[], failure: Failure): void {
  const place = host.logPlace ?? unknownPlace(host, argv);
  const { exitCode, exitCause, reason, hint } = failure;
  const fields = { exitCode, exitCause, reason, hint, command: argv[0] ?? '' };
  const log = createRunLogger(place, host.clock);
  if (exitCause === 'signal') log.info('stopped before its work was done', fields);
  else log.error('failed', fields);
}

/** Of a job file that could not be read: where its runs would be if it said nothing of it. */
function unknownPlace({ cwd }: ProcessHost, argv: readonly string[]): LogPlace {
  const given = argv.flatMap((word, index) => {
    if (word === '--reports') return argv[index + 1] ?? [];
    return word.startsWith('--reports=') ? word.slice('--reports='.length) : [];
  });
  const reportsDirectory = resolve(cwd, given.at(-1) ?? 'runs');
  return { reportsDirectory, level: 'info', timeZone: USUAL_TIME_ZONE, job: null, run: null };
}
