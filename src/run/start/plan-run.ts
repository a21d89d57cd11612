import { fencedTransaction, type Queryable } from '../../ledger/ledger-port.ts';
import {
  createRecords,
  markDisputed,
  markDuplicates,
  notePlanned,
  orderRows,
  refreshStatistics,
  settleKnownRows,
} from '../../ledger/runs/planning.ts';
import { noteList, setRunState, type ListFacts, type RunRow } from '../../ledger/runs/run-table.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment, RunEnvironment } from '../run-environment.ts';
import type { StagingRun } from './begin-run.ts';

/** Fewer rows than this the database plans well without knowing how many they are. */
const ROWS_WORTH_COUNTING = 500;

/** Runs of one start, marked together. */
interface MarkedTogether {
  /** Rows of all of them. */
  readonly rows: number;
  /** Every run of the start, also one that is continued. */
  readonly among: readonly number[];
}

/**
 * Marks what the lists of a start say of themselves: records that stand twice in one, and PARs with several members in
 * any of them. Statistics of many rows are made before, since rows that were just written are unknown to the planner.
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
    for (const runNo of runNos) await markDuplicates(transaction, runNo);
    await markDisputed(transaction, runNos, among);
  });
}

/**
 * From marked rows to classes and records: all that can be said without a call. Statistics of many rows are made after
 * it, for the joins of the calls: a plan changes most rows.
 */
export async function planRun(
  environment: RunEnvironment,
  { run, fence }: StagingRun,
  list: ListFacts,
): Promise<void> {
  const { ledger, configuration } = environment;
  await fencedTransaction(ledger, fence, async (transaction) => {
    await noteList(transaction, run.run_no, list);
    await createRecords(transaction, run.run_no, run.provider);
    await settleKnown(transaction, run, configuration.retry.nights);
    await orderRows(transaction, run.run_no, run.provider);
    await setRunState(transaction, run.run_no, 'dispatching');
  });
  if (list.rowsRead >= ROWS_WORTH_COUNTING) await refreshStatistics(ledger);
}

/**
 * Settles rows whose record another run has dealt with. Outcomes later than this moment are news; it is noted first,
 * so that none can fall between the reading and the note.
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
