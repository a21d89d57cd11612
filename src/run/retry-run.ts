import { createHash } from 'node:crypto';
import type { RowClass } from '../domain/class.ts';
import { fencedTransaction } from '../ledger/ledger-port.ts';
import { deleteRows } from '../ledger/runs/list-row-table.ts';
import { stageSelected, type RetrySelection } from '../ledger/runs/retry-staging.ts';
import { findUnfinishedRun, type ListFacts, type RunRow } from '../ledger/runs/run-table.ts';
import { beginRun, describeRun, isSameWork } from './start/begin-run.ts';
import { carryThrough } from './carry-through.ts';
import { continueRun } from './start/continue-run.ts';
import { planRun } from './start/plan-run.ts';
import type { RunEnvironment, RunResult } from './run-environment.ts';
import { withJobLock } from './run-job.ts';
import { supersedeUnfinishedRun } from './finish/supersede-run.ts';

/** What `retry` takes when no class is named. */
export const retriedByDefault: readonly RowClass[] = [
  'action_required',
  'transient',
  'ambiguous',
  'unprocessed',
];

/** The job a retry of `job` runs as: a job of its own, so that it never closes the run it takes from. */
export function retryJobOf(job: string): string {
  return job.startsWith('retry-') ? job : `retry-${job}`.slice(0, 64).replace(/-+$/, '');
}

/** A run whose list is the rows of an earlier one. The environment's job is the retry's own. */
export async function retryRun(
  environment: RunEnvironment,
  source: RunRow,
  selection: RetrySelection,
): Promise<RunResult> {
  return await withJobLock(environment, async (locked) => {
    const { ledger, configuration } = locked;
    const content = contentOf(source, selection);
    const unfinished = await findUnfinishedRun(ledger, configuration.job);
    if (unfinished !== null && isSameWork(unfinished, content, configuration)) {
      return await carryThrough(locked, await continueRun(locked, unfinished));
    }
    const work = { listName: `retry of ${source.id}`, content, kind: 'retry' as const };
    const { run, runLease } = await beginRun(locked, work);
    environment.observer.runBegan(describeRun(run));
    const lostCalls = await supersedeUnfinishedRun(locked, run.id);
    const rowsRead = await fencedTransaction(ledger, runLease, async (transaction) => {
      await deleteRows(transaction, run.run_no);
      return await stageSelected(transaction, selection, run.run_no);
    });
    await planRun(locked, { run, runLease }, listFacts(source, rowsRead));
    return await carryThrough(locked, { run, lease: runLease, lostCalls });
  });
}

/** The rows keep their source's header; there is no file to say more of. */
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

/** What makes two retries the same work: the same rows asked for in the same way. */
function contentOf(source: RunRow, selection: RetrySelection): string {
  const { classes, code, olderThan, nights, withSettled } = selection;
  // Nights only where asked for: a retry begun by a program that knew none of them is still the same work.
  const asked = nights === null ? [] : [nights];
  // The classes taken by default may be named as well, and then the settled ones are meant too.
  const left = withSettled ? [] : ['settled left out'];
  const words = JSON.stringify([source.id, classes.toSorted(), code, olderThan, ...asked, ...left]);
  return createHash('sha256').update(words).digest('hex');
}
