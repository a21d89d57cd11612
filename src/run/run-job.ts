import { exitCodes } from '../domain/exit-code.ts';
import { sha256OfFile } from '../intake/csv-source.ts';
import { ListRefusedError } from '../intake/list-source.ts';
import type { JobHolder, JobLease } from '../ledger/job-lease.ts';
import { findUnfinishedRun } from '../ledger/run-table.ts';
import { isSameWork } from './begin-run.ts';
import { lockJob } from './lock-job.ts';
import type { RefusedList, RunEnvironment, RunResult } from './run-environment.ts';
import { runList, type ListFile } from './run-list.ts';

/** Another live process has the job: nothing was begun. */
class JobHeldError extends Error {
  readonly code = 'JOB_HELD';
  readonly holder: JobHolder;
  constructor(job: string, holder: JobHolder) {
    super(`job ${job} is being run by process ${holder.pid} on ${holder.host}, since ${holder.since}`);
    this.holder = holder;
  }
}

/** Does `work` with the job's lock in hand. Rejects with JobHeldError where another live process has it. */
export async function withJobLock<Result>(
  environment: RunEnvironment,
  work: (lease: JobLease) => Promise<Result>,
): Promise<Result> {
  const { ledger, address, configuration, me, clock } = environment;
  const lock = await lockJob(ledger, address, configuration.job, me, clock);
  if (lock.kind === 'held') throw new JobHeldError(configuration.job, lock.holder);
  try {
    return await work(lock.lease);
  } finally {
    await lock.lease.release();
  }
}

/**
 * One run a list, in name order, the one that was left unfinished first. Ends early when a run did. A list that is
 * refused rejects when it is the only one; of several it is told among the results.
 */
export async function runJob(environment: RunEnvironment): Promise<(RunResult | RefusedList)[]> {
  return await withJobLock(environment, async (lease) => {
    const results: (RunResult | RefusedList)[] = [];
    const files = await orderLists(environment);
    for (const file of files) {
      const result = await runOrRefuse(environment, lease, file, files.length === 1);
      results.push(result);
      if (endsJob(result) || environment.stop.aborted) break;
    }
    return results;
  });
}

async function runOrRefuse(
  environment: RunEnvironment,
  lease: JobLease,
  file: ListFile,
  isOnlyOne: boolean,
): Promise<RunResult | RefusedList> {
  try {
    return await runList(environment, lease, file);
  } catch (error) {
    if (!(error instanceof ListRefusedError) || isOnlyOne) throw error;
    return { kind: 'refused', exitCode: exitCodes.listRefused, reason: error.message };
  }
}

async function orderLists(environment: RunEnvironment): Promise<ListFile[]> {
  const { ledger, configuration } = environment;
  const files: ListFile[] = [];
  for (const path of configuration.lists) files.push({ path, sha256: (await sha256OfFile(path)).sha256 });
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  if (unfinished === null) return files;
  const isLeft = (file: ListFile): boolean => isSameWork(unfinished, file.sha256, configuration.providerName);
  return [...files.filter(isLeft), ...files.filter((file) => !isLeft(file))];
}

/** Stopped by a guard, the provider or a signal: the next list would only meet the same. */
function endsJob(result: RunResult | RefusedList): boolean {
  const stops: readonly number[] = [
    exitCodes.stoppedByGuard,
    exitCodes.providerUnavailable,
    exitCodes.interrupted,
    exitCodes.terminated,
  ];
  return stops.includes(result.exitCode);
}
