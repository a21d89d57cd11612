import { join } from 'node:path';
import type { Language } from '../../domain/language.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import { agrees } from '../../domain/control-totals.ts';
import { noPatience } from '../../ledger/engine/patience.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { readWork } from '../../ledger/proofs/row-groups.ts';
import { noteProofs, readStoredDifference, readStoredTotals } from '../../ledger/proofs/stored-proofs.ts';
import { readRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { proveAgain, type ProofNow } from '../../reconcile/prove-again.ts';
import { FolderChangedError, LedgerChangedError, setFolderAside } from '../../report/folder/changed-files.ts';
import { checkFolder, readRunInLedger, type FolderCheck } from '../../report/folder/folder-check.ts';
import { readReportSettings, zoneOfRun } from '../../report/report-settings.ts';
import {
  writeRunFolder,
  type ReportProgress,
  type WrittenRunFolder,
} from '../../report/folder/run-folder.ts';
import { JobHeldError, lockJob } from '../lock/lock-job.ts';
import { findChanged, moveChangedAside } from './changed-folder.ts';
import type { RunEnvironment } from '../run-environment.ts';

export type ReportEnvironment = Pick<RunEnvironment, 'ledger' | 'address' | 'me' | 'clock' | 'signals'>;

export interface ReportOptions {
  readonly reportsDirectory: string;
  /** Null: the language of the run. */
  readonly language: Language | null;
  /** True where a person agreed (`--yes`) that a changed folder is moved aside. */
  readonly movesAside: boolean;
  readonly progress: (progress: ReportProgress) => void;
}

/** The folder of this run can't be written from the ledger; nothing was written. */
class RunNotReportedError extends Error {
  readonly code = 'RUN_NOT_REPORTED';
}

/** The ledger's tables disagree about a run: exit code 9, and nothing was written. */
class TotalsDisagreeError extends Error {
  readonly code = 'TOTALS_DISAGREE';
  constructor(runId: string, broken: readonly string[]) {
    super(
      `BROKEN TOTALS of run ${runId}: ${broken.join('; ')}. Nothing was written, and a folder that is there was left as it is.`,
    );
  }
}

/**
 * Writes the folder of an ended run once more. It takes the job's lock, so that nobody continues or supersedes the run,
 * or writes the same folder, meanwhile. It proves the run from the tables first. Rejects with
 * TotalsDisagreeError where they disagree, with FolderChangedError where the folder holds a file that was changed by
 * hand, with RunNotReportedError, JobHeldError, and as writeRunFolder does.
 */
export async function reportRun(
  environment: ReportEnvironment,
  { id, job, run_no: runNo, settings }: RunRow,
  options: ReportOptions,
): Promise<WrittenRunFolder> {
  const { ledger } = environment;
  const asked = await lockJob(environment, job, { patience: noPatience });
  if (asked.kind === 'held') throw new JobHeldError(job, asked.holder, zoneOfRun({ id, settings }));
  try {
    const run = await readRun(ledger, runNo);
    const refusal = whyNotReported(run);
    if (refusal !== null) throw new RunNotReportedError(refusal);
    const proof = await proveAgain(ledger, runNo);
    if (proof === null) throw new RunNotReportedError(`run ${run.id} has just been taken on again`);
    if (proof.broken.length > 0) throw new TotalsDisagreeError(run.id, proof.broken);
    await renewProofs(ledger, proof);
    const said = await clearWay(environment, run, options);
    const written = await writeRunFolder({
      ...environment,
      ...options,
      runNo,
      state: run.state,
      totalsAgree: true,
    });
    return { ...written, warnings: [...said, ...written.warnings] };
  } finally {
    await asked.lock.release();
  }
}

/** Reports a run as the tables have it now, even if its totals were broken at its end and repaired since. */
async function renewProofs(ledger: Ledger, { run, checks }: ProofNow): Promise<void> {
  const kept = readStoredTotals(run);
  if (kept === null || kept.every(agrees)) return;
  const { nightsLimit } = readReportSettings(run.settings, run.id).settings;
  await noteProofs(ledger, run.run_no, {
    totals: checks,
    work: await readWork(ledger, run.run_no, nightsLimit),
    difference: readStoredDifference(run),
  });
}

/** Refuses to replace a file that somebody changed. Returns what a person should know of the folder that was there. */
async function clearWay(
  { ledger, clock }: ReportEnvironment,
  run: RunRow,
  { reportsDirectory, movesAside }: ReportOptions,
): Promise<string[]> {
  const folder = join(reportsDirectory, run.id);
  const place = { ledger, clock, run, reportsDirectory };
  if (movesAside) {
    const said = await moveChangedAside(place);
    if (said !== null) return [said];
  }
  const changed = await findChanged(place);
  if (changed.length > 0) throw new FolderChangedError(folder, changed);
  const { files, differs } = await checkFolder(folder, await readRunInLedger(ledger, run, folder));
  // After a repair of broken totals the ledger rightly holds other rows than the folder.
  if (differs === null || run.exit_code === exitCodes.totalsDisagree) return missingWords(files);
  if (movesAside) {
    const aside = await setFolderAside(folder, clock.now());
    return [`the ledger says something else than the run folder (${differs}): the folder is now ${aside}`];
  }
  throw new LedgerChangedError(folder, differs);
}

function missingWords(files: FolderCheck['files']): string[] {
  const missing = files.filter(({ verdict }) => verdict === 'missing').map(({ name }) => name);
  return missing.length === 0 ? [] : [`written again, since they were missing: ${missing.join(', ')}`];
}

function whyNotReported({ id, state, purge_began_at: purgedAt }: RunRow): string | null {
  if (purgedAt !== null) {
    return `run ${id} was purged: nobody knows any more whose its rows were, so its lists can't be written again`;
  }
  switch (state) {
    case 'complete':
    case 'stopped':
    case 'superseded':
      return null;
    case 'refused':
      return `the list of run ${id} was refused: it has no rows to report`;
    case 'staging':
    case 'dispatching':
    case 'reporting':
      return `run ${id} has not come to its end and its rows may still change: start its job again, which ends it and writes its folder`;
  }
}
