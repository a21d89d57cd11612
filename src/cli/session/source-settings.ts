import {
  configurationFromSettings,
  loadJobSettings,
  type Configuration,
  type ConfigurationInput,
} from '../../config/configuration.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { retryJobOf } from '../../run/derived-jobs.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Loads the settings kept with the source run, or those of a job file as it is now, for example after a rule was
 * changed.
 */
export async function loadSourceSettings(
  source: RunRow,
  jobFile: string | undefined,
  input: ConfigurationInput,
): Promise<Configuration> {
  if (jobFile === undefined) return await configurationFromSettings(source.settings, input);
  const configuration = await loadJobSettings({ ...input, jobFile });
  assertJobFileOf(source, configuration);
  return configuration;
}

/** Throws UsageError where a job file is for another job or another provider than the run. */
export function assertJobFileOf(
  source: RunRow,
  { job, providerName }: Pick<Configuration, 'job' | 'providerName'>,
): void {
  if (retryJobOf(job) !== retryJobOf(source.job)) {
    throw new UsageError(`--job-file: run ${source.id} is of job ${source.job}, not of ${job}`);
  }
  if (providerName !== source.provider) {
    throw new UsageError(
      `--job-file: run ${source.id} belongs to the provider "${source.provider}", not to "${providerName}"`,
    );
  }
}
