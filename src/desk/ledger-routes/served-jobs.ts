import { retryJobOf } from '../../run/derived-jobs.ts';
import type { DeskOptions } from '../server/desk-options.ts';

/**
 * Returns the jobs whose runs the desk may show. They include retry jobs, because a failed list that is handed in again
 * runs as the retry of its job.
 */
export function servedJobsOf({ jobs }: Pick<DeskOptions, 'jobs'>): string[] {
  return jobs.flatMap(({ name }) => [name, retryJobOf(name)]);
}

/** Returns the providers whose records the desk may show. */
export function servedProvidersOf({ jobs }: Pick<DeskOptions, 'jobs'>): string[] {
  return [...new Set(jobs.map(({ provider }) => provider))];
}
