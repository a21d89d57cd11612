import { maskId } from '../../domain/identity/masking.ts';
import { findRecordsById, type RecordRow } from '../../ledger/runs/enrollment-table.ts';
import { readBreaksByNumber, type BreakRow } from '../../ledger/breaks/break-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { findNamed, type Named } from '../../report/life/find-named.ts';
import { UsageError } from '../usage-error.ts';

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

/** Finds a break and the records of its cards, which the ledger may not hold. Throws UsageError. */
export async function findNamedBreak(ledger: Queryable, breakNo: number): Promise<Named> {
  const [found] = await readBreaksByNumber(ledger, [breakNo]);
  if (found === undefined) {
    throw new UsageError(`there is no break ${breakNo}; kona-enroll reconcile lists them`);
  }
  const records = await findRecordsOfBreak(ledger, found);
  return { kind: 'named', run: null, row: null, records, purgedOn: null, aBreak: found };
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
export async function findNamedOrFail(ledger: Queryable, name: string): Promise<Named> {
  const found = await findNamed(ledger, name);
  switch (found.kind) {
    case 'named':
      return found;
    case 'no_run':
      throw new UsageError(`no run ${found.runId} in the ledger`);
    case 'no_line':
      throw new UsageError(`no row of run ${found.runId} starts on line ${found.line}`);
    case 'no_record':
      throw new UsageError(`the ledger knows no record with ${maskId(name.trim())}`);
  }
}
