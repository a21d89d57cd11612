import { join } from 'node:path';
import type { ExitCause } from '../../domain/exit-cause.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { findKeptPlace } from '../../ledger/proofs/run-folder-table.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { proveAgain, type ProofNow } from '../../reconcile/prove-again.ts';
import { checkFolder, readRunInLedger, type FolderCheck } from '../../report/folder/folder-check.ts';
import { namesIn } from '../../report/folder/folder-files.ts';

/** The proof of an ended run, made again: its totals from the tables, and its folder against the tables. */
export interface RunProof {
  readonly totals: ProofNow;
  /** Null where this machine has no folder to check. */
  readonly folder: FolderCheck | null;
  /** 9 where the tables disagree, 8 where only the folder does, else 0. */
  readonly exitCode: ExitCode;
  readonly exitCause: ExitCause;
}

/** The exit that such a proof gives the process. */
export type ProofEnd = Pick<RunProof, 'exitCode' | 'exitCause'>;

/**
 * Proves a run and its folder. Resolves with null where the run has not ended, because its rows may still change.
 * `folder`: where to look for it. Null: where it was written; a missing folder is then a fault only if this machine
 * wrote it.
 */
export async function proveRun(
  ledger: Ledger,
  run: RunRow,
  { folder, reportsDirectory, host }: ProvedPlace,
): Promise<RunProof | null> {
  const totals = await proveAgain(ledger, run.run_no);
  if (totals === null) return null;
  const place = folder ?? (await findFolder(ledger, run, { reportsDirectory, host }));
  const check =
    place === null ? null : await checkFolder(place, await readRunInLedger(ledger, totals.run, place));
  return { totals, folder: check, ...endOf(totals.broken.length === 0, check) };
}

export interface ProvedPlace {
  readonly folder: string | null;
  readonly reportsDirectory: string;
  /** This machine's name. */
  readonly host: string;
}

async function findFolder(
  ledger: Ledger,
  run: RunRow,
  { reportsDirectory, host }: Omit<ProvedPlace, 'folder'>,
): Promise<string | null> {
  const usual = join(reportsDirectory, run.id);
  if ((await namesIn(usual)) !== null) return usual;
  // A purge leaves nothing in a folder that anybody would miss.
  return run.purge_began_at === null ? await findKeptPlace(ledger, run.run_no, host) : null;
}

/** `totalsAgree`: true also where no totals were proved. */
export function endOf(totalsAgree: boolean, folder: FolderCheck | null): ProofEnd {
  if (!totalsAgree) return { exitCode: exitCodes.totalsDisagree, exitCause: 'totals' };
  if (folder?.isRight === false) return { exitCode: exitCodes.ownSide, exitCause: 'folder' };
  return { exitCode: exitCodes.done, exitCause: 'done' };
}
