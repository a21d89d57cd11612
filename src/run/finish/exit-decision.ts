import { rowClasses } from '../../domain/class.ts';
import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import { exitCodeOfSignal, type StopSignal } from '../run-environment.ts';

export interface ExitDecision {
  readonly exitCode: ExitCode;
  /** One sentence. */
  readonly reason: string;
}

/**
 * How a run that came to its end exits, by what its rows need. A row that was not called, which such a run should
 * not have, is never passed over. `resolved`: those of the rows a person has settled; they need nothing any more.
 */
export function decideExit(counted: ClassCounts, resolved: ClassCounts): ExitDecision {
  const classes = withoutResolved(counted, resolved);
  const { exitCode, reason } = decideByNeeds(classes);
  const settled = sumOfClasses(resolved);
  return { exitCode, reason: settled === 0 ? reason : `${reason}; ${rows(settled)} settled by a person` };
}

function withoutResolved(counted: ClassCounts, resolved: ClassCounts): ClassCounts {
  const left = rowClasses.map((name) => [name, counted[name] - resolved[name]]);
  return Object.fromEntries(left) as ClassCounts;
}

function decideByNeeds(classes: ClassCounts): ExitDecision {
  const unclear = classes.ambiguous + classes.unknown_code;
  const notEnrolled =
    classes.action_required +
    classes.bad_data +
    classes.conflict +
    classes.transient +
    classes.rejected +
    classes.disputed;
  if (classes.unprocessed > 0) {
    const reason = `${rows(classes.unprocessed)} not called, ${unclear + notEnrolled} more not enrolled`;
    return { exitCode: exitCodes.stoppedByGuard, reason };
  }
  if (unclear > 0) {
    const reason = `complete; ${rows(unclear)} ambiguous or with unknown codes, ${notEnrolled} more not enrolled`;
    return { exitCode: exitCodes.unclear, reason };
  }
  if (notEnrolled > 0) {
    return { exitCode: exitCodes.notEnrolled, reason: `complete; ${rows(notEnrolled)} not enrolled` };
  }
  return { exitCode: exitCodes.done, reason: 'complete; every row is done' };
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

/** Work that was overtaken and a failed ledger never come here: for them nothing may, or can, be written. */
export function exitOfStop(stopped: StopReason, stop: AbortSignal): ExitDecision {
  if (stopped.kind === 'provider')
    return { exitCode: exitCodes.providerUnavailable, reason: stopped.sentence };
  if (stopped.kind === 'limit') return { exitCode: exitCodes.stoppedByGuard, reason: stopped.sentence };
  return {
    exitCode: exitCodeOfSignal(stop.reason as StopSignal),
    reason: `stopped by ${String(stop.reason)}`,
  };
}
