import { openLedger, type LedgerAddress } from '../../src/ledger/engine/open-ledger.ts';

/** What a ledger holds, in figures; read when no program has it open. */
export interface LedgerFacts {
  /** States of all runs, oldest first. */
  readonly runs: readonly string[];
  /** List rows of all runs. */
  readonly rows: number;
  /** Records by status. */
  readonly records: Readonly<Record<string, number>>;
  readonly attempts: number;
}

export async function readLedgerFacts(address: LedgerAddress): Promise<LedgerFacts> {
  const ledger = await openLedger(address);
  try {
    const runs = await ledger.query<{ state: string }>('select state from run order by run_no');
    const statuses = await ledger.query<{ status: string; count: number }>(
      'select status, count(*)::integer as count from enrollment group by status order by status',
    );
    const counts = await ledger.query<{ rows: number; attempts: number }>(
      `select (select count(*) from list_row)::integer as rows, (select count(*) from attempt)::integer as attempts`,
    );
    return {
      runs: runs.map((run) => run.state),
      rows: counts[0]?.rows ?? -1,
      records: Object.fromEntries(statuses.map(({ status, count }) => [status, count])),
      attempts: counts[0]?.attempts ?? -1,
    };
  } finally {
    await ledger.close();
  }
}
