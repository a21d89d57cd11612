import { reportsDirectoryOf } from '../../config/reports-directory.ts';
import { endBy } from '../../domain/exit-cause.ts';
import { settleLostCalls } from '../../ledger/runs/claiming.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { settleLeftRows } from '../../ledger/runs/list-row-table.ts';
import { readWork } from '../../ledger/proofs/row-groups.ts';
import { noteProofs } from '../../ledger/proofs/stored-proofs.ts';
import {
  findUnfinishedRun,
  noteRunEnd,
  raiseEpoch,
  readRun,
  supersedeRun,
} from '../../ledger/runs/run-table.ts';
import { proveControlTotals, type ControlTotals } from '../../reconcile/control-totals.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import { writeRunFolder } from '../../report/folder/run-folder.ts';
import { moveChangedAside } from './changed-folder.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment, RunEnvironment } from '../run-environment.ts';

/**
 * Closes the job's unfinished run for good, if there is one: settles its rows, proves its totals, writes its folder,
 * and sets its state last. After a kill in between, it can still be continued, or the next start closes it.
 */
export async function supersedeUnfinishedRun(
  environment: LockedEnvironment,
  byRunId: string,
): Promise<ClosedRun> {
  const { ledger, configuration } = environment;
  const old = await findUnfinishedRun(ledger, configuration.job);
  if (old === null) return { lostCalls: 0, brokenTotals: null };
  let lost = 0;
  const totals = await jobTransaction(environment, async (transaction) => {
    await raiseEpoch(transaction, old.run_no);
    // When this is repeated after a commit that went unheard, nothing is left to settle.
    lost = Math.max(lost, (await settleLostCalls(transaction, old.run_no)).lost);
    await settleLeftRows(transaction, old.run_no);
    return await closeWithTotals(transaction, environment, old.run_no, byRunId);
  });
  const { directory } = readReportSettings(old.settings, old.id).settings;
  const reportsDirectory = reportsDirectoryOf(directory, configuration.reportsPlace);
  const changed = await moveChangedAside({ ledger, clock: environment.clock, run: old, reportsDirectory });
  if (changed !== null) environment.observer.warned(changed);
  const written = await writeRunFolder({
    ledger,
    runNo: old.run_no,
    reportsDirectory,
    state: 'superseded',
    totalsAgree: totals.broken.length === 0,
    language: null,
    me: environment.me,
    clock: environment.clock,
    signals: environment.signals,
    progress: (progress) => {
      environment.observer.reportProgress(progress);
    },
  });
  for (const sentence of written.warnings) environment.observer.warned(sentence);
  await jobTransaction(environment, async (transaction) => {
    await supersedeRun(transaction, old.run_no, byRunId);
  });
  return { lostCalls: lost, brokenTotals: brokenWords(old.id, totals) };
}

/** What the new run needs to know about the run that was closed for it. */
export interface ClosedRun {
  /** Calls of a dead process that may have been sent up to now. */
  readonly lostCalls: number;
  /**
   * The totals of the run that was closed do not agree, as this sentence says; the process ends 9 for it. Null: they
   * do.
   */
  readonly brokenTotals: string | null;
}

function brokenWords(runId: string, { broken }: ControlTotals): string | null {
  return broken.length === 0 ? null : `BROKEN TOTALS of the run before, ${runId}: ${broken.join('; ')}`;
}

/** Keeps and tells broken totals of the superseded run. They do not hold up the new list. */
async function closeWithTotals(
  transaction: Queryable,
  { clock, logger, observer }: RunEnvironment,
  runNo: number,
  byRunId: string,
): Promise<ControlTotals> {
  const run = await readRun(transaction, runNo);
  const totals = await proveControlTotals(transaction, run);
  const { nightsLimit } = readReportSettings(run.settings, run.id).settings;
  const work = await readWork(transaction, runNo, nightsLimit);
  await noteProofs(transaction, runNo, { totals: totals.checks, work, difference: null });
  const isBroken = totals.broken.length > 0;
  const sentence = totals.broken.join('; ');
  if (isBroken) {
    logger.error('totals of a superseded run do not agree', { sentence });
    observer.warned(`BROKEN TOTALS of the run before: ${sentence}`);
  }
  const end = isBroken
    ? endBy('totals', `BROKEN TOTALS: ${sentence}`)
    : endBy('limit', `superseded by ${byRunId}, a run on another list`);
  await noteRunEnd(transaction, runNo, { ...end, finishedAt: clock.now() });
  return totals;
}
