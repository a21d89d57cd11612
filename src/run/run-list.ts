import { dropStagingRuns } from '../ledger/runs/staging-runs.ts';
import { carryThrough } from './carry-through.ts';
import { supersedeUnfinishedRun } from './finish/supersede-run.ts';
import { jobTransaction } from './lock/job-transaction.ts';
import type { LockedEnvironment, RefusedList, RunResult } from './run-environment.ts';
import { beginTurn, describeRun } from './start/begin-run.ts';
import { continueRun, type RunInHand } from './start/continue-run.ts';
import { planRun } from './start/plan-run.ts';
import type { ReadList, StagedList } from './start/read-lists.ts';

/** Runs one list that was read: continues the unfinished run of the same content, or begins a new run. */
export async function runList(
  environment: LockedEnvironment,
  list: ReadList,
): Promise<RunResult | RefusedList> {
  environment.lock.lost.throwIfAborted();
  switch (list.kind) {
    case 'refused':
      return list;
    case 'unfinished':
      return await carryThrough(environment, await continueRun(environment, list.run, list.beside));
    case 'staged':
      return await carryThrough(environment, await planStagedList(environment, list));
  }
}

async function planStagedList(environment: LockedEnvironment, list: StagedList): Promise<RunInHand> {
  const { fence, facts, waits } = list;
  const run = waits ? await beginTurn(environment, list.run) : list.run;
  if (waits) environment.observer.runBegan(describeRun(run));
  const closed = await supersedeUnfinishedRun(environment, run.id);
  await planRun(environment, { run, fence }, facts);
  return { run, fence, ...closed };
}

/** Removes lists that were read and not begun. None of their rows was called, and the next start reads them again. */
export async function dropListsLeft(environment: LockedEnvironment): Promise<void> {
  await jobTransaction(environment, async (transaction) => {
    await dropStagingRuns(transaction, environment.configuration.job);
  });
}
