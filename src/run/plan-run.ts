import type { Queryable } from '../ledger/ledger-port.ts';
import {
  createRecords,
  markDisputed,
  markDuplicates,
  notePlanned,
  orderRows,
  settleKnownRows,
} from '../ledger/planning.ts';
import { setRunState, type RunRow } from '../ledger/run-table.ts';

/** Fewer rows than this the database plans well without knowing how many they are. */
export const ROWS_WORTH_COUNTING = 500;

/** From staged rows to classes and records: all that can be said without a call. One transaction of the caller's. */
export async function planRun(transaction: Queryable, run: RunRow, nights: number): Promise<void> {
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
