import type { Configuration } from '../../config/configuration.ts';
import { createCronLine, type CronLine } from '../../config/job-file/cron-line.ts';

/**
 * A job as `serve` holds it: the parts of its file that say when it starts. The other parts are read again at each
 * start.
 */
export interface ServedJob extends Pick<Configuration, 'windows' | 'timeZone'> {
  readonly name: string;
  /** The provider's name. */
  readonly provider: string;
  /** The path of the job file, as it was given. */
  readonly file: string;
  /** Null where nothing starts the job by itself. */
  readonly schedule: { readonly line: string; readonly cron: CronLine } | null;
  /** An absolute path; uploads lie in a folder below it. */
  readonly reportsDirectory: string;
  /** True where people may upload lists for the job. */
  readonly hasDesk: boolean;
}

export function servedJobOf(
  file: string,
  configuration: Pick<
    Configuration,
    'job' | 'providerName' | 'windows' | 'timeZone' | 'schedule' | 'hasDesk' | 'reportsDirectory'
  >,
): ServedJob {
  const { job, providerName, windows, timeZone, schedule, hasDesk, reportsDirectory } = configuration;
  const started = schedule === null ? null : { line: schedule, cron: createCronLine(schedule, timeZone) };
  return {
    name: job,
    provider: providerName,
    file,
    windows,
    timeZone,
    schedule: started,
    hasDesk,
    reportsDirectory,
  };
}
