import { openLedger, type LedgerAddress } from '../../src/ledger/engine/open-ledger.ts';
import type { CallLogEntry } from '../../src/sandbox/wire/call-log.ts';

/** What stood when the program was dead. */
export interface Snapshot {
  /** Calls the provider had seen. */
  readonly calls: number;
  /** Records that were finished then, `userId par`. */
  readonly finished: ReadonlySet<string>;
  /** Records that had been about to leave, or had left, and had no outcome. */
  readonly sending: number;
}

interface StatusRow {
  user_id: string;
  par: string;
  status: string;
}

/** What the ledger holds after a kill; the process is dead, so it can be opened even where only one may. */
export async function takeSnapshot(
  address: LedgerAddress,
  countCalls: () => Promise<number> | number,
): Promise<Snapshot> {
  const ledger = await openLedger(address);
  try {
    const rows = await ledger.query<StatusRow>('select user_id, par, status from enrollment');
    return {
      calls: await countCalls(),
      finished: new Set(rows.filter((row) => isFinished(row.status)).map(keyOfRow)),
      sending: rows.filter((row) => row.status === 'sending').length,
    };
  } finally {
    await ledger.close();
  }
}

export function isFinished(status: string): boolean {
  return ['enrolled', 'recovered', 'already_active'].includes(status);
}

export function keyOfRow(row: { readonly user_id: string; readonly par: string }): string {
  return `${row.user_id} ${row.par}`;
}

/** Of all calls in order of arrival: those for records that were finished in an earlier snapshot. */
export function findCalledAgain(
  calls: readonly CallLogEntry[],
  snapshots: readonly Snapshot[],
): CallLogEntry[] {
  return snapshots.flatMap((snapshot) =>
    calls.slice(snapshot.calls).filter((call) => snapshot.finished.has(`${call.userId} ${call.par}`)),
  );
}
