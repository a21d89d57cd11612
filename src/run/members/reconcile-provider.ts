import { randomInt } from 'node:crypto';
import type { BreakFigures } from '../../domain/reconciliation/break.ts';
import { endBy, type ExitDecision } from '../../domain/exit-cause.ts';
import { formatRunId } from '../../domain/identity/run-id.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import type { BreakRow, BreakSelection } from '../../ledger/breaks/break-table.ts';
import { OvertakenError } from '../../ledger/ledger-port.ts';
import { readInquiryFigures } from '../../ledger/breaks/reconciliation-calls.ts';
import {
  countMembers,
  createReconciliation,
  findUnfinishedReconciliation,
  forgetEarlierMembers,
  noteStaged,
  readReconciliation,
  reopenReconciliation,
  settleLostInquiries,
  stageNextMembers,
  stageSample,
  stopReconciliation,
  supersedeReconciliation,
  type MemberCounts,
  type ReconciliationRow,
} from '../../ledger/breaks/reconciliation-table.ts';
import { describeStop } from '../calling/describe-stop.ts';
import { askMembers, type ReconciliationInHand } from './ask-members.ts';
import { completeWithFindings } from './complete-reconciliation.ts';
import { exitOfStop } from '../finish/exit-decision.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { ReconciliationState } from '../../domain/reconciliation/reconciliation-state.ts';
import type { LockedEnvironment, RunEnvironment } from '../run-environment.ts';
import { withJobLock } from '../run-job.ts';

/** How a reconciliation with the provider ended, or where it stopped. */
export interface ProviderReconciliation extends ExitDecision {
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  /** Null: every member. */
  readonly sample: number | null;
  readonly state: Extract<ReconciliationState, 'complete' | 'stopped'>;
  readonly members: number;
  readonly answered: number;
  readonly unclear: number;
  /** Inquiries made by all processes of the reconciliation. */
  readonly calls: number;
  readonly perSecond: number;
  /** Null where it is not complete: nothing was compared. */
  readonly breaks: readonly BreakFigures[] | null;
  /** What was compared, and the night it was compared in; null where it is not complete. */
  readonly compared: { readonly selection: BreakSelection; readonly night: string } | null;
  /** The first open ones, oldest first; none where it is not complete. Whole ids: mask them. */
  readonly first: readonly BreakRow[];
}

/**
 * Asks the provider for the plans of the ledger's members and keeps the differences as breaks. An unfinished
 * reconciliation is continued if it asks for the same members; otherwise it is closed. It has a job of its own.
 */
export async function reconcileWithProvider(
  environment: RunEnvironment,
  sample: number | null,
): Promise<ProviderReconciliation> {
  return await withJobLock(environment, async (locked) => {
    const { ledger, observer, logger, lock } = locked;
    const { reconciliation: begun, lostCalls } = await beginOrContinue(locked, sample);
    await stageMembers(locked, begun);
    const reconciliation = await readReconciliation(ledger, begun.reconciliation_no);
    const { due, ...before } = await countMembers(ledger, reconciliation.reconciliation_no);
    observer.membersStaged({ members: reconciliation.members ?? 0, due, ...before });
    lock.publish({ runId: reconciliation.id, rowsRead: reconciliation.members ?? 0, calls: 0 });
    logger.info('reconciliation planned', {
      reconciliation: reconciliation.id,
      members: reconciliation.members,
      due,
    });
    const stopped = await askMembers(locked, { reconciliation, lostCalls }, due);
    logger.info('calls ended', { reconciliation: reconciliation.id, ...describeStop(stopped) });
    if (stopped?.kind === 'overtaken') throw new OvertakenError();
    if (stopped?.kind === 'ledger') throw stopped.error;
    const result = await finish(locked, reconciliation, stopped);
    logger.info('reconciliation ended', {
      reconciliation: reconciliation.id,
      exitCode: result.exitCode,
      exitCause: result.exitCause,
      reason: result.reason,
    });
    return result;
  });
}

async function beginOrContinue(
  environment: LockedEnvironment,
  sample: number | null,
): Promise<ReconciliationInHand> {
  const { configuration, clock, observer } = environment;
  const { job, providerName: provider, settings } = configuration;
  const startedAt = clock.now();
  const id = formatRunId(startedAt, job, randomInt(0x10000));
  let lostCalls = 0;
  const { reconciliation, superseded } = await jobTransaction(environment, async (transaction) => {
    const left = await findUnfinishedReconciliation(transaction, job);
    // When this is repeated after a commit that went unheard, nothing is left to settle.
    if (left !== null) {
      lostCalls = Math.max(lostCalls, await settleLostInquiries(transaction, left.reconciliation_no));
    }
    if (left !== null && left.sample === sample && left.provider === provider) {
      await reopenReconciliation(transaction, left.reconciliation_no, settings);
      return { reconciliation: left, superseded: null };
    }
    if (left !== null) await supersedeReconciliation(transaction, left.reconciliation_no, startedAt);
    await forgetEarlierMembers(transaction, job);
    const created = { id, job, provider, sample, settings, startedAt };
    return { reconciliation: await createReconciliation(transaction, created), superseded: left?.id ?? null };
  });
  const continued = reconciliation.id !== id;
  observer.reconciliationBegan({ id: reconciliation.id, provider, sample, continued, lostCalls, superseded });
  return { reconciliation, lostCalls };
}

async function stageMembers(
  environment: LockedEnvironment,
  reconciliation: ReconciliationRow,
): Promise<void> {
  if (reconciliation.members !== null) return;
  if (reconciliation.sample === null) {
    let staged = 1;
    while (staged > 0) {
      staged = await jobTransaction(environment, async (on) => await stageNextMembers(on, reconciliation));
    }
  }
  await jobTransaction(environment, async (transaction) => {
    if (reconciliation.sample !== null) await stageSample(transaction, reconciliation);
    await noteStaged(transaction, reconciliation.reconciliation_no);
  });
}

async function finish(
  environment: LockedEnvironment,
  reconciliation: ReconciliationRow,
  stopped: StopReason | null,
): Promise<ProviderReconciliation> {
  const { ledger, clock } = environment;
  const no = reconciliation.reconciliation_no;
  const counts = await countMembers(ledger, no);
  const stop = decideStop(environment, stopped, counts);
  if (stop === null) {
    const { figures, selection, night, first, exit } = await completeWithFindings(
      environment,
      reconciliation,
      counts,
    );
    const compared = { selection, night };
    return await describe(environment, reconciliation, { counts, exit, breaks: figures, compared, first });
  }
  await jobTransaction(environment, async (transaction) => {
    await stopReconciliation(transaction, no, { ...stop, finishedAt: clock.now() });
  });
  return await describe(environment, reconciliation, {
    counts,
    exit: stop,
    breaks: null,
    compared: null,
    first: [],
  });
}

/** Returns null where every member has been asked to an end. */
function decideStop(
  { stop, configuration }: RunEnvironment,
  stopped: StopReason | null,
  { due }: MemberCounts,
): ExitDecision | null {
  if (stopped !== null && stopped.kind !== 'limit') return exitOfStop(stopped, stop);
  if (due === 0) return null;
  if (stopped !== null) return exitOfStop(stopped, stop);
  const limit = configuration.flags.limit ?? 0;
  return endBy('limit', `stopped by --limit ${limit}; ${due} members were still to be asked for`);
}

async function describe(
  { ledger }: LockedEnvironment,
  { id, job, provider, sample, members, reconciliation_no }: ReconciliationRow,
  end: Pick<ProviderReconciliation, 'breaks' | 'compared' | 'first'> & {
    readonly counts: MemberCounts;
    readonly exit: ExitDecision;
  },
): Promise<ProviderReconciliation> {
  const { counts, exit, breaks, compared, first } = end;
  const { calls, perSecond } = await readInquiryFigures(ledger, reconciliation_no);
  return {
    id,
    job,
    provider,
    sample,
    state: breaks === null ? 'stopped' : 'complete',
    members: members ?? 0,
    answered: counts.asked,
    unclear: counts.unclear,
    calls,
    perSecond,
    breaks,
    compared,
    first,
    ...exit,
  };
}
