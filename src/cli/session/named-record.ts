import { maskId } from '../../domain/identity/masking.ts';
import {
  findRecordOfLine,
  findRecordsById,
  type RecordListing,
  type RecordRow,
} from '../../ledger/runs/enrollment-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { findRun } from '../../ledger/runs/run-table.ts';
import { dayOfRun } from '../../report/report-settings.ts';
import { UsageError } from '../usage-error.ts';

/** What a person asks for by a user id, a PAR or run:line. */
export interface Named {
  /** The row a run:line names; null: asked for otherwise. */
  readonly row: RecordListing | null;
  /** At least one, but for a row that has none. */
  readonly records: readonly RecordRow[];
  /** The day since when nobody knows any more whose row it was; null: somebody does. */
  readonly purgedOn: string | null;
}

/** Throws UsageError where the ledger knows nothing of the name. */
export async function findNamed(ledger: Queryable, name: string): Promise<Named> {
  const what = name.trim();
  const place = /^(?<run>\d{8}T\d{6}Z-[a-z0-9-]+-[0-9a-f]{4}):(?<line>\d{1,9})$/.exec(what)?.groups;
  if (place !== undefined) return await findPlace(ledger, place['run'] ?? '', Number(place['line']));
  const records = await findRecordsById(ledger, what.replace(/^0+(?=\d)/, ''));
  if (records.length === 0) throw new UsageError(`the ledger knows no record with ${maskId(what)}`);
  return { row: null, records, purgedOn: null };
}

async function findPlace(ledger: Queryable, runId: string, line: number): Promise<Named> {
  const run = await findRun(ledger, runId);
  if (run === null) throw new UsageError(`no run ${runId} in the ledger`);
  const { row, record } = await findRecordOfLine(ledger, run.run_no, line);
  if (row === null) throw new UsageError(`no row of run ${runId} starts on line ${line}`);
  if (record !== null) return { row, records: [record], purgedOn: null };
  const began = run.purge_began_at;
  return { row, records: [], purgedOn: began === null ? null : dayOfRun(run, began) };
}
