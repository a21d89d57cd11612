import { fencedTransaction, type Queryable, type RunLease } from '../../ledger/ledger-port.ts';
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
import type { RunEnvironment } from '../run-environment.ts';

/** Fewer rows than this the database plans well without knowing how many they are. */
const ROWS_WORTH_COUNTING = 500;

/** A run whose rows are staged, and the right to write for it. */
export interface StagedRun {
  readonly run: RunRow;
  readonly runLease: RunLease;
}

/**
 * From staged rows to classes and records: all that can be said without a call. Statistics of many rows are made
 * before, for the joins of the plan, and after, for those of the calls: a plan changes most rows.
 */
export async function planRun(
  environment: RunEnvironment,
  { run, runLease }: StagedRun,
  list: ListFacts,
): Promise<void> {
  const { ledger, configuration } = environment;
  const isLarge = list.rowsRead >= ROWS_WORTH_COUNTING;
  if (isLarge) await refreshStatistics(ledger);
  await fencedTransaction(ledger, runLease, async (transaction) => {
    await noteList(transaction, run.run_no, list);
    await classifyRows(transaction, run, configuration.retry.nights);
  });
  if (isLarge) await refreshStatistics(ledger);
}

async function classifyRows(transaction: Queryable, run: RunRow, nights: number): Promise<void> {
  await markDuplicates(transaction, run.run_no);
  await markDisputed(transaction, run.run_no);
  await createRecords(transaction, run.run_no, run.provider);
  await settleKnown(transaction, run, nights);
  await orderRows(transaction, run.run_no, run.provider);
  await setRunState(transaction, run.run_no, 'dispatching');
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
