import type { Configuration } from '../../config/configuration.ts';
import { createCronLine, type CronLine } from '../../config/job-file/cron-line.ts';

/** A job as `serve` keeps it: the parts of its file that say when it starts. The rest is read again at each start. */
export interface ServedJob extends Pick<Configuration, 'windows' | 'timeZone'> {
  readonly name: string;
  /** The provider's name. */
  readonly provider: string;
  /** Path of its job file, as it was given. */
  readonly file: string;
  /** Null: nothing starts it by itself. */
  readonly schedule: { readonly line: string; readonly cron: CronLine } | null;
  /** Absolute; uploads lie in a folder of it. */
  readonly reportsDirectory: string;
  /** People may upload lists for it. */
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
