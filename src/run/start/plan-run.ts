import { fencedTransaction, type Queryable } from '../../ledger/ledger-port.ts';
import {
  createRecords,
  markRepeated,
  notePlanned,
  orderRows,
  refreshStatistics,
  settleKnownRows,
} from '../../ledger/runs/planning.ts';
import { noteList, setRunState, type ListFacts, type RunRow } from '../../ledger/runs/run-table.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment, RunEnvironment } from '../run-environment.ts';
import type { StagingRun } from './begin-run.ts';

/** Below so many rows the database plans well without statistics. */
const ROWS_WORTH_COUNTING = 500;

/** The runs of one start, whose rows are marked together. */
interface MarkedTogether {
  /** Rows of all of them. */
  readonly rows: number;
  /** Every run of the start, also one that is continued. */
  readonly among: readonly number[];
}

/**
 * Marks duplicates within each list of a start, and disputes: PARs that stand with several members in any of the lists.
 * For many rows it makes statistics first, because the planner knows nothing of rows that were just written.
 */
export async function markRows(
  environment: LockedEnvironment,
  runs: readonly StagingRun[],
  { rows, among }: MarkedTogether,
): Promise<void> {
  const { ledger } = environment;
  if (rows >= ROWS_WORTH_COUNTING) await refreshStatistics(ledger);
  const runNos = runs.map(({ run }) => run.run_no);
  await jobTransaction(environment, async (transaction) => {
    await markRepeated(transaction, { of: runNos, among });
  });
}

/**
 * Gives marked rows the classes that need no call, and creates their records. For many rows it makes statistics
 * afterwards, because it changes most rows and the joins of the calls need them.
 */
export async function planRun(
  environment: RunEnvironment,
  { run, fence }: StagingRun,
  list: ListFacts,
): Promise<void> {
  const { ledger, configuration } = environment;
  await fencedTransaction(ledger, fence, async (transaction) => {
    await noteList(transaction, run.run_no, list);
    const areAllNew = await createRecords(transaction, run.run_no, run.provider);
    if (areAllNew) {
      await notePlanned(transaction, run.run_no);
    } else {
      await settleKnown(transaction, run, configuration.retry.nights);
      await orderRows(transaction, run.run_no, run.provider);
    }
    await setRunState(transaction, run.run_no, 'dispatching');
  });
  if (list.rowsRead >= ROWS_WORTH_COUNTING) await refreshStatistics(ledger);
}

/**
 * Settles rows whose record another run has finished. Outcomes after this moment are news to the run. The moment is
 * kept before the outcomes are read, so that none falls between the two.
 */
export async function settleKnown(transaction: Queryable, run: RunRow, nights: number): Promise<void> {
  await notePlanned(transaction, run.run_no);
  await settleKnownRows(transaction, {
    runNo: run.run_no,
    provider: run.provider,
    night: run.night,
    nights,
    again: run.again,
    requested: run.kind !== 'list',
  });
}
