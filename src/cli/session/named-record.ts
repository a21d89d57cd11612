import { maskId } from '../../domain/identity/masking.ts';
import {
  findRecordOfLine,
  findRecordsById,
  type NamedRow,
  type RecordRow,
} from '../../ledger/runs/enrollment-table.ts';
import { readBreaksByNumber, type BreakRow } from '../../ledger/breaks/break-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { findRun } from '../../ledger/runs/run-table.ts';
import { dayOfRun } from '../../report/report-settings.ts';
import { UsageError } from '../usage-error.ts';

/** What a person asks for by a user id, a PAR or run:line. */
export interface Named {
  /** The row a run:line names; null: asked for otherwise. */
  readonly row: NamedRow | null;
  /** At least one, but for a row that has none. */
  readonly records: readonly RecordRow[];
  /** The day since when nobody knows any more whose row it was; null: somebody does. */
  readonly purgedOn: string | null;
  /** The break that break:N names; null: asked for otherwise. */
  readonly aBreak: BreakRow | null;
}

/** The number of break:N; null: a record is named. Throws UsageError where N is no number of a break. */
export function breakNoOf(what: string): number | null {
  const number = /^break:(?<number>.*)$/s.exec(what.trim())?.groups?.['number'];
  if (number === undefined) return null;
  if (!/^[1-9]\d{0,8}$/.test(number)) {
    throw new UsageError(
      'break:N: expected the number of a break, as reconcile lists them, such as break:12',
    );
  }
  return Number(number);
}

/** A break, and the records of the cards it is about: none where the ledger holds none. Throws UsageError. */
export async function findNamedBreak(ledger: Queryable, breakNo: number): Promise<Named> {
  const [found] = await readBreaksByNumber(ledger, [breakNo]);
  if (found === undefined) {
    throw new UsageError(`there is no break ${breakNo}; kona-enroll reconcile lists them`);
  }
  return { row: null, records: await findRecordsOfBreak(ledger, found), purgedOn: null, aBreak: found };
}

async function findRecordsOfBreak(ledger: Queryable, found: BreakRow): Promise<RecordRow[]> {
  const { provider, user_id: userId, par, other_user_id: otherUserId, other_par: otherPar } = found;
  if (userId === null || par === null) return [];
  const members = [userId, ...(otherUserId === null ? [] : [otherUserId])];
  const cards = new Set([par, otherPar]);
  const records: RecordRow[] = [];
  for (const member of members) records.push(...(await findRecordsById(ledger, member)));
  return records.filter((record) => record.provider === provider && cards.has(record.par));
}

/** Throws UsageError where the ledger knows nothing of the name. */
export async function findNamed(ledger: Queryable, name: string): Promise<Named> {
  const what = name.trim();
  const place = /^(?<run>\d{8}T\d{6}Z-[a-z0-9-]+-[0-9a-f]{4}):(?<line>\d{1,9})$/.exec(what)?.groups;
  if (place !== undefined) return await findPlace(ledger, place['run'] ?? '', Number(place['line']));
  const records = await findRecordsById(ledger, what.replace(/^0+(?=\d)/, ''));
  if (records.length === 0) throw new UsageError(`the ledger knows no record with ${maskId(what)}`);
  return { row: null, records, purgedOn: null, aBreak: null };
}

async function findPlace(ledger: Queryable, runId: string, line: number): Promise<Named> {
  const run = await findRun(ledger, runId);
  if (run === null) throw new UsageError(`no run ${runId} in the ledger`);
  const { row, record } = await findRecordOfLine(ledger, run.run_no, line);
  if (row === null) throw new UsageError(`no row of run ${runId} starts on line ${line}`);
  if (record !== null) return { row, records: [record], purgedOn: null, aBreak: null };
  const began = run.purge_began_at;
  return { row, records: [], purgedOn: began === null ? null : dayOfRun(run, began), aBreak: null };
}
