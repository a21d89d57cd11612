import { countOpenBreaks, type BreakFigures } from '../../domain/reconciliation/break.ts';
import { endBy, type ExitDecision } from '../../domain/exit-cause.ts';
import { nightOf } from '../../domain/night.ts';
import {
  lockBreaks,
  readBreakFigures,
  readBreaks,
  type BreakRow,
  type BreakSelection,
} from '../../ledger/breaks/break-table.ts';
import { compareWithProvider, scopeOfProvider } from '../../ledger/breaks/provider-findings.ts';
import {
  completeReconciliation,
  type MemberCounts,
  type ReconciliationRow,
} from '../../ledger/breaks/reconciliation-table.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment } from '../run-environment.ts';

/** How many open breaks are named one by one. */
const SHOWN = 20;

export interface CompletedReconciliation {
  readonly figures: readonly BreakFigures[];
  /** Those of the comparison, as of its moment. */
  readonly selection: BreakSelection;
  /** The night of the comparison, yyyy-MM-dd. */
  readonly night: string;
  /** The first open ones, oldest first. Whole ids: mask them. */
  readonly first: readonly BreakRow[];
  readonly exit: ExitDecision;
}

/**
 * Completes a reconciliation of which every member has been asked. One transaction makes breaks of what differs, closes
 * breaks that are gone, and forgets the answers. After a kill before it, the same command comes here without a call.
 */
export async function completeWithFindings(
  environment: LockedEnvironment,
  reconciliation: ReconciliationRow,
  counts: MemberCounts,
): Promise<CompletedReconciliation> {
  const { clock, configuration, logger } = environment;
  return await jobTransaction(environment, async (transaction) => {
    // Read the clock only now: this transaction may have waited for another comparison, which must count as earlier.
    await lockBreaks(transaction);
    const at = clock.now();
    const night = nightOf(at, configuration.timeZone);
    const compared = await compareWithProvider(transaction, reconciliation, counts, { at, night });
    const { provider, kinds } = scopeOfProvider(reconciliation.provider);
    const figures = await readBreakFigures(transaction, { provider, kinds, asOf: at, night });
    const exit = decideExit(figures, counts);
    const end = { ...exit, finishedAt: at };
    await completeReconciliation(transaction, reconciliation.reconciliation_no, end, counts);
    logger.info('breaks observed', { reconciliation: reconciliation.id, ...compared });
    const selection = { provider, job: null, kinds, asOf: at };
    const first = await readBreaks(transaction, { ...selection, state: 'open' }, 0, SHOWN);
    return { figures, selection, night, first, exit };
  });
}

/** Counts no explained break, since nobody needs to act on it. */
function decideExit(figures: readonly BreakFigures[], { unclear }: MemberCounts): ExitDecision {
  const open = countOpenBreaks(figures);
  const breaks = open === 0 ? 'no open breaks' : open === 1 ? '1 open break' : `${open} open breaks`;
  if (unclear > 0) {
    const members = unclear === 1 ? '1 member' : `${unclear} members`;
    return endBy('unclear', `complete; the provider gave no plans for ${members}, ${breaks}`);
  }
  return endBy(open === 0 ? 'done' : 'not_enrolled', `complete; ${breaks}`);
}
