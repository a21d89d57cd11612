import { join } from 'node:path';
import { findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { retryJobOf } from '../../run/derived-jobs.ts';
import type { DeskOptions } from '../server/desk-options.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';

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

/** Rejects with DeskProblemError where no served job has such a run. */
export async function findServedRun(options: DeskOptions, id: string): Promise<RunRow> {
  const run = await findRun(options.ledger, id);
  if (run === null || !servedJobsOf(options).includes(run.job)) throw new DeskProblemError('not_found');
  return run;
}

/** Returns the folder in which a run of a served job leaves its files on this machine. It may not exist. */
export function folderOfRun({ jobs }: Pick<DeskOptions, 'jobs'>, { id, job }: RunRow): string {
  const served = jobs.find(({ name }) => name === job) ?? jobs.find(({ name }) => retryJobOf(name) === job);
  if (served === undefined) throw new DeskProblemError('not_found');
  return join(served.reportsDirectory, id);
}
