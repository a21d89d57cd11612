import { endBy, type ExitDecision } from '../../domain/exit-cause.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import { fencedTransaction, type Queryable } from '../../ledger/ledger-port.ts';
import { keepNightDifference } from '../../ledger/proofs/night-difference.ts';
import { countDueRows, settleLeftRows } from '../../ledger/runs/list-row-table.ts';
import { readRowFigures, type RowFigures } from '../../ledger/proofs/row-groups.ts';
import { noteProofs } from '../../ledger/proofs/stored-proofs.ts';
import type { RunState } from '../../domain/run-state.ts';
import { noteRunEnd, readRun, setRunState, type RunRow } from '../../ledger/runs/run-table.ts';
import { proveControlTotals, type ControlTotals } from '../../reconcile/control-totals.ts';
import { writeRunFolder } from '../../report/folder/run-folder.ts';
import type { RunInHand } from '../start/continue-run.ts';
import { countCalls } from '../../ledger/proofs/status-figures.ts';
import { moveChangedAside } from './changed-folder.ts';
import { decideExit, exitOfStop } from './exit-decision.ts';
import type { RunEnvironment, RunResult } from '../run-environment.ts';

/**
 * Proves the totals, keeps how the run ends, writes its folder from the ledger, and only then makes it complete.
 * If the process is killed on the way, the same command writes the folder again.
 */
export async function finishRun(
  environment: RunEnvironment,
  inHand: RunInHand,
  stopped: StopReason | null,
): Promise<RunResult> {
  const { ledger, configuration, clock, observer, signals } = environment;
  const { run, fence } = inHand;
  const stop = await decideStop(environment, inHand, stopped);
  const { totals, end } = await fencedTransaction(ledger, fence, async (transaction) => {
    if (stop === null) await settleLeftRows(transaction, run.run_no);
    const ended = await readRun(transaction, run.run_no);
    const proved = await proveControlTotals(transaction, ended);
    // Half a list, or the rows of a retry, can't tell which records are gone or cured.
    const difference =
      stop === null && ended.kind === 'list'
        ? await keepNightDifference(transaction, ended, configuration.timeZone)
        : null;
    const rows = await readRowFigures(transaction, run.run_no, configuration.settings.retry.nights);
    await noteProofs(transaction, run.run_no, { totals: proved.checks, work: rows.work, difference });
    const decided = decideBroken(proved) ?? stop ?? (await decideByRows(transaction, ended, rows));
    await noteRunEnd(transaction, run.run_no, { ...decided, finishedAt: clock.now() });
    const isWhole = stop === null && proved.broken.length === 0;
    await setRunState(transaction, run.run_no, isWhole ? 'reporting' : 'stopped');
    return { totals: proved, end: decided };
  });
  // A run whose totals do not agree is never complete: the same command comes back to it.
  const endState: RunState = stop === null && totals.broken.length === 0 ? 'complete' : 'stopped';
  for (const sentence of totals.broken) observer.warned(`BROKEN TOTALS: ${sentence}`);
  const changed = await moveChangedAside({ ...configuration, ledger, clock, run });
  if (changed !== null) observer.warned(changed);
  observer.reportBegan();
  const { warnings, ...written } = await writeRunFolder({
    ledger,
    runNo: run.run_no,
    reportsDirectory: configuration.reportsDirectory,
    state: endState,
    totalsAgree: totals.broken.length === 0,
    language: null,
    me: environment.me,
    clock,
    signals,
    progress: (progress) => {
      observer.reportProgress(progress);
    },
  });
  for (const sentence of warnings) observer.warned(sentence);
  await fencedTransaction(ledger, fence, async (transaction) => {
    await setRunState(transaction, run.run_no, endState);
  });
  return { kind: 'ran', ...end, folder: written.folder, summary: written.summary };
}

/** Totals that do not agree outweigh every other cause. */
function decideBroken({ broken }: ControlTotals): ExitDecision | null {
  return broken.length === 0 ? null : endBy('totals', `BROKEN TOTALS: ${broken.join('; ')}`);
}

async function decideByRows(
  on: Queryable,
  { run_no: runNo, kind }: RunRow,
  { classes, resolved }: RowFigures,
): Promise<ExitDecision> {
  return decideExit({ kind, classes, resolved, calls: await countCalls(on, runNo) });
}

/** Returns null where every row of the run has come to its end. */
async function decideStop(
  environment: RunEnvironment,
  inHand: RunInHand,
  stopped: StopReason | null,
): Promise<ExitDecision | null> {
  if (stopped !== null && stopped.kind !== 'limit') return exitOfStop(stopped, environment.stop);
  const due = await countDueRows(environment.ledger, inHand.run.run_no);
  // A guard that trips at the last record has stopped nothing.
  if (due === 0) return null;
  if (stopped !== null) return exitOfStop(stopped, environment.stop);
  const limit = environment.configuration.flags.limit ?? 0;
  return endBy('limit', `stopped by --limit ${limit}; ${due} rows were still due`);
}
