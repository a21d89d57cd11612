import { normaliseIdCell } from '../../intake/rows/id-cell.ts';
import type { BreakRow } from '../../ledger/breaks/break-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import {
  findRecordOfLine,
  findRecordsById,
  type NamedRow,
  type RecordRow,
} from '../../ledger/runs/enrollment-table.ts';
import { findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { dayOfRun } from '../report-settings.ts';

/** The part of the ledger that a user id, a PAR, run:line or break:N names. */
export interface Named {
  readonly kind: 'named';
  /** The run that run:line names; null where something else was asked for. */
  readonly run: RunRow | null;
  /** The row that run:line names; null where something else was asked for. */
  readonly row: NamedRow | null;
  /** Contains at least one record, unless the named row has none. */
  readonly records: readonly RecordRow[];
  /** The day on which a purge began to forget whose row this is; null where no purge has done so. */
  readonly purgedOn: string | null;
  /** The break that break:N names; null where something else was asked for. */
  readonly aBreak: BreakRow | null;
}

/** A name that the ledger does not know. */
export type NotNamed =
  | { readonly kind: 'no_run'; readonly runId: string }
  | { readonly kind: 'no_line'; readonly runId: string; readonly line: number }
  | { readonly kind: 'no_record' };

/** Finds what a person names. It corrects a typed or pasted name in the same way as intake corrects a cell. */
export async function findNamed(ledger: Queryable, name: string): Promise<Named | NotNamed> {
  const what = normaliseIdCell(name, 'par').text.trim();
  const place = /^(?<run>\d{8}T\d{6}Z-[a-z0-9-]+-[0-9a-f]{4}):(?<line>\d{1,9})$/.exec(what)?.groups;
  if (place !== undefined) return await findPlace(ledger, place['run'] ?? '', Number(place['line']));
  const records = await findRecordsById(ledger, idOf(name));
  if (records.length === 0) return { kind: 'no_record' };
  return { kind: 'named', run: null, row: null, records, purgedOn: null, aBreak: null };
}

/** Removes blanks and dashes from an id, because people write and read out ids in groups. */
function idOf(name: string): string {
  const { text } = normaliseIdCell(name, 'userId');
  return text.replaceAll(/[\s\p{Pd}]+/gu, '').replace(/^0+(?=\d)/, '');
}

async function findPlace(ledger: Queryable, runId: string, line: number): Promise<Named | NotNamed> {
  const run = await findRun(ledger, runId);
  if (run === null) return { kind: 'no_run', runId };
  const { row, record } = await findRecordOfLine(ledger, run.run_no, line);
  if (row === null) return { kind: 'no_line', runId, line };
  const found = { kind: 'named', run, row, aBreak: null } as const;
  if (record !== null) return { ...found, records: [record], purgedOn: null };
  const began = run.purge_began_at;
  return { ...found, records: [], purgedOn: began === null ? null : dayOfRun(run, began) };
}
