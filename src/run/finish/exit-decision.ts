import { rowClasses } from '../../domain/class.ts';
import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { endBy, type ExitDecision } from '../../domain/exit-cause.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import type { RunKind } from '../../ledger/runs/run-table.ts';
import { endBySignal, type StopSignal } from '../run-environment.ts';
import { whyNothingCalled } from './nothing-called.ts';

/** The figures by which a run that came to its end is judged. */
export interface EndedRun {
  readonly kind: RunKind;
  readonly classes: ClassCounts;
  /** Rows that a person has settled, by class. Nobody needs to act on them any more. */
  readonly resolved: ClassCounts;
  /** Register calls made by all processes of the run. */
  readonly calls: number;
}

/**
 * Decides how a run that came to its end exits, by what its rows need. Such a run should have no uncalled row, but one
 * that it has is never passed over. Having called nobody is no success by itself.
 */
export function decideExit({ kind, classes, resolved, calls }: EndedRun): ExitDecision {
  const decision = decideByNeeds(withoutResolved(classes, resolved));
  const settled = sumOfClasses(resolved);
  const words = [
    decision.reason,
    ...(settled === 0 ? [] : [`${rowsWords(settled)} settled by a person`]),
    ...(calls > 0 || classes.unprocessed > 0 ? [] : [whyNothingCalled(classes, kind)]),
  ];
  const end = { ...decision, reason: words.join('; ') };
  if (calls > 0 || decision.exitCause !== 'done') return end;
  const isEmptyList = sumOfClasses(classes) === 0 && kind !== 'retry';
  return { ...end, exitCause: isEmptyList ? 'empty_list' : 'nothing_due' };
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
    const words = `${rowsWords(classes.unprocessed)} without a result, ${unclear + notEnrolled} more not enrolled`;
    return endBy('limit', words);
  }
  if (unclear > 0) {
    const words = `complete; ${rowsWords(unclear)} ambiguous or with unknown codes, ${notEnrolled} more not enrolled`;
    return endBy('unclear', words);
  }
  if (notEnrolled > 0) return endBy('not_enrolled', `complete; ${rowsWords(notEnrolled)} not enrolled`);
  return endBy('done', 'complete; every row is done');
}

function rowsWords(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

/** An overtaken run and a failed ledger never come here, because nothing may, or can, be written for them. */
export function exitOfStop(stopped: StopReason, stop: AbortSignal): ExitDecision {
  if (stopped.kind === 'provider' || stopped.kind === 'limit') return endBy(stopped.cause, stopped.sentence);
  const signal = stop.reason as StopSignal;
  return endBySignal(signal, `stopped by ${signal}`);
}
