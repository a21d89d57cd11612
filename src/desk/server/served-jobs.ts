import { join } from 'node:path';
import { findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { retryJobOf } from '../../run/derived-jobs.ts';
import type { DeskJob, DeskOptions } from './desk-options.ts';
import { DeskProblemError } from './desk-problem-error.ts';

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

/** Returns the jobs for which people may upload lists. */
export function uploadJobsOf({ jobs }: Pick<DeskOptions, 'jobs'>): DeskJob[] {
  return jobs.filter(({ takesUploads }) => takesUploads);
}

/** Returns the served job that a run belongs to, itself or as its retry; null where there is none. */
export function servedJobOf(
  { jobs }: Pick<DeskOptions, 'jobs'>,
  { job }: Pick<RunRow, 'job'>,
): DeskJob | null {
  return jobs.find(({ name }) => name === job) ?? jobs.find(({ name }) => retryJobOf(name) === job) ?? null;
}

/** Rejects with DeskProblemError where no served job has such a run. */
export async function findServedRun(options: DeskOptions, id: string): Promise<RunRow> {
  const run = await findRun(options.ledger, id);
  if (run === null || servedJobOf(options, run) === null) throw new DeskProblemError('not_found');
  return run;
}

/** Returns the folder in which a run of a served job leaves its files on this machine. It may not exist. */
export function folderOfRun(options: Pick<DeskOptions, 'jobs'>, run: RunRow): string {
  const served = servedJobOf(options, run);
  if (served === null) throw new DeskProblemError('not_found');
  return join(served.reportsDirectory, run.id);
}
