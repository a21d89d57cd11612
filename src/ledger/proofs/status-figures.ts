import { breakKinds, type BreakKind } from '../../domain/reconciliation/break.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';
import type { ReconciliationEndRow, ReconciliationRow } from '../breaks/reconciliation-table.ts';

/** A reconciliation with the provider, as it is listed beside runs. */
export interface ListedReconciliation extends ReconciliationRow, ReconciliationEndRow {
  /** Of the members; both null until it is complete. */
  readonly answered: number | null;
  readonly unclear: number | null;
  readonly settings: unknown;
}

/** Newest first. */
export async function readLastReconciliations(on: Queryable, count: number): Promise<ListedReconciliation[]> {
  return await on.query<ListedReconciliation>(
    `select reconciliation_no, id, job, provider, sample, state, members, started_at, answered, unclear, settings,
            exit_code, exit_cause, exit_reason, finished_at
     from reconciliation order by reconciliation_no desc limit $1`,
    [count],
  );
}

export interface OpenBreaks {
  readonly kind: BreakKind;
  readonly breaks: number;
}

/** Counts the breaks that are open now, of every provider and job. Kinds without any are left out. */
export async function countOpenByKind(on: Queryable): Promise<OpenBreaks[]> {
  const rows = await on.query<OpenBreaks>(
    `select kind, count(*)::integer as breaks from break where state = 'open' group by kind`,
  );
  return breakKinds.flatMap((kind) => rows.filter((row) => row.kind === kind));
}

/** Counts the register calls of a run so far. */
export async function countCalls(on: Queryable, runNo: number): Promise<number> {
  const rows = await on.query<{ calls: number }>(
    `select count(*)::integer as calls from attempt where run_no = $1 and call = 'register'`,
    [runNo],
  );
  return onlyRow(rows).calls;
}
