import { createHash } from 'node:crypto';
import { fencedTransaction } from '../ledger/ledger-port.ts';
import { deleteRows } from '../ledger/runs/list-row-table.ts';
import { stageSelected, type RetrySelection } from '../ledger/runs/retry-staging.ts';
import {
  findFinishedRun,
  findRun,
  findUnfinishedRun,
  type ListFacts,
  type RunRow,
} from '../ledger/runs/run-table.ts';
import { beginRun, describeRun, isSameRequest } from './start/begin-run.ts';
import { carryThrough } from './carry-through.ts';
import { continueRun } from './start/continue-run.ts';
import { markRows, planRun } from './start/plan-run.ts';
import type { LockedEnvironment, RefusedList, RunEnvironment, RunResult } from './run-environment.ts';
import { runInOrder, withJobLock } from './run-job.ts';
import { supersedeUnfinishedRun } from './finish/supersede-run.ts';

/** An earlier run, and which of its rows are called again. */
export interface RetryRequest {
  readonly source: RunRow;
  readonly selection: RetrySelection;
}

/**
 * Makes one run for each earlier run, in their order. Its list is the rows selected from that run, and its job is the
 * retry's own. When the command is given again after a stop, it goes on with the unfinished run; the runs before that
 * came to their end and are not repeated.
 */
export async function retryRuns(
  environment: RunEnvironment,
  requests: readonly RetryRequest[],
): Promise<(RunResult | RefusedList)[]> {
  return await withJobLock(environment, async (locked) => {
    const { ledger, configuration } = locked;
    const unfinished = await findUnfinishedRun(ledger, configuration.job);
    const leftAt = requests.findIndex(
      ({ source, selection }) =>
        unfinished !== null && isSameRequest(unfinished, contentOf(source, selection), configuration),
    );
    const done: RefusedList[] = [];
    const left: RetryRequest[] = requests.slice(Math.max(0, leftAt));
    for (const request of requests.slice(0, Math.max(0, leftAt))) {
      const ended = await findEnded(locked, request);
      if (ended === null) left.push(request);
      else done.push(ended);
    }
    return [...done, ...(await runInOrder(locked, left, async (request) => await retryOne(locked, request)))];
  });
}

async function findEnded(
  { ledger, configuration }: LockedEnvironment,
  { source, selection }: RetryRequest,
): Promise<RefusedList | null> {
  const key = { job: configuration.job, provider: configuration.providerName };
  const finished = await findFinishedRun(ledger, key, contentOf(source, selection));
  if (finished === null) return null;
  const run = await findRun(ledger, finished.id);
  const { exit_code: exitCode = null, exit_cause: exitCause = null } = run ?? {};
  if (exitCode === null || exitCause === null) return null;
  const reason = `the retry of ${source.id} came to its end before, in run ${finished.id}`;
  return { kind: 'refused', exitCode, exitCause, reason, korean: null };
}

async function retryOne(locked: LockedEnvironment, { source, selection }: RetryRequest): Promise<RunResult> {
  const { ledger, configuration, observer } = locked;
  const content = contentOf(source, selection);
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  if (unfinished !== null && isSameRequest(unfinished, content, configuration)) {
    return await carryThrough(locked, await continueRun(locked, unfinished));
  }
  const begun = { listName: `retry of ${source.id}`, content, kind: 'retry' as const };
  const { run, fence } = await beginRun(locked, begun);
  observer.runBegan(describeRun(run));
  const closed = await supersedeUnfinishedRun(locked, run.id);
  const rowsRead = await fencedTransaction(ledger, fence, async (transaction) => {
    await deleteRows(transaction, run.run_no);
    return await stageSelected(transaction, selection, run.run_no);
  });
  await markRows(locked, [{ run, fence }], { rows: rowsRead, among: [run.run_no] });
  await planRun(locked, { run, fence }, listFacts(source, rowsRead));
  return await carryThrough(locked, { run, fence, ...closed });
}

/** Takes the header over from the source run; there is no file that could say more. */
function listFacts(source: RunRow, rowsRead: number): ListFacts {
  return {
    header: source.header,
    encoding: 'ledger',
    delimiter: ',',
    userIdColumn: 0,
    parColumn: 0,
    rowsRead,
    blankLines: 0,
    titleLines: 0,
    totalsLines: 0,
    notes: null,
  };
}

/** Two retries are the same where they ask for the same rows in the same way. */
function contentOf(source: RunRow, selection: RetrySelection): string {
  const { classes, code, olderThan, nights, withSettled, laterRunNos = [] } = selection;
  // Name nights only where they were asked for, so that a retry begun by a version without them is still the same.
  const asked = nights === null ? [] : [nights];
  // The classes taken by default may be named as well, and then the settled ones are meant too.
  const left = withSettled ? [] : ['settled left out'];
  const beside = laterRunNos.length === 0 ? [] : [`beside ${laterRunNos.join()}`];
  const words = JSON.stringify([
    source.id,
    classes.toSorted(),
    code,
    olderThan,
    ...asked,
    ...left,
    ...beside,
  ]);
  return createHash('sha256').update(words).digest('hex');
}
