import { retryJobOf } from '../../run/derived-jobs.ts';
import type { DeskOptions } from '../server/desk-options.ts';

/** Jobs whose runs may be seen: a failed list that was handed back runs as the retry of its job. */
export function servedJobsOf({ jobs }: Pick<DeskOptions, 'jobs'>): string[] {
  return jobs.flatMap(({ name }) => [name, retryJobOf(name)]);
}

/** Providers whose records may be seen. */
export function servedProvidersOf({ jobs }: Pick<DeskOptions, 'jobs'>): string[] {
  return [...new Set(jobs.map(({ provider }) => provider))];
}
