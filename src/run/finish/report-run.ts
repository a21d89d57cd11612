import type { Language } from '../../domain/language.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import { noPatience } from '../../ledger/engine/patience.ts';
import { readRun, type RunRow } from '../../ledger/runs/run-table.ts';
import {
  writeRunFolder,
  type ReportProgress,
  type WrittenRunFolder,
} from '../../report/folder/run-folder.ts';
import { JobHeldError, lockJob } from '../lock/lock-job.ts';
import { noteFolderExport } from './note-export.ts';
import type { RunEnvironment } from '../run-environment.ts';

export type ReportEnvironment = Pick<RunEnvironment, 'ledger' | 'address' | 'me' | 'clock' | 'signals'>;

export interface ReportOptions {
  readonly reportsDirectory: string;
  /** Null: the run's own. */
  readonly language: Language | null;
  readonly progress: (progress: ReportProgress) => void;
}

/** A run whose folder can't be written from the ledger; nothing was written. */
class RunNotReportedError extends Error {
  readonly code = 'RUN_NOT_REPORTED';
}

/**
 * Writes the folder of a run that has come to an end once more, with its job's lock in hand: nobody continues or
 * supersedes the run, nor writes the same folder meanwhile. Rejects with RunNotReportedError, JobHeldError, and as
 * writeRunFolder does.
 */
export async function reportRun(
  environment: ReportEnvironment,
  { job, run_no: runNo }: RunRow,
  options: ReportOptions,
): Promise<WrittenRunFolder> {
  const { ledger, clock, me } = environment;
  const lock = await lockJob(environment, job, { patience: noPatience });
  if (lock.kind === 'held') throw new JobHeldError(job, lock.holder);
  try {
    const run = await readRun(ledger, runNo);
    const refusal = whyNotReported(run);
    if (refusal !== null) throw new RunNotReportedError(refusal);
    const totalsAgree = run.exit_code !== exitCodes.totalsDisagree;
    const written = await writeRunFolder({
      ...environment,
      ...options,
      runNo,
      state: run.state,
      totalsAgree,
    });
    const writtenAt = clock.now();
    await ledger.transaction(async (transaction) => {
      await noteFolderExport(transaction, me, writtenAt, written);
    });
    return written;
  } finally {
    await lock.lease.release();
  }
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
