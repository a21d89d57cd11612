import type { CalledEnd } from './call-end.ts';
import { replyWords } from '../guards/availability.ts';
import type { RecordStep } from './call-record.ts';
import type { Doubt } from './setup-trust.ts';
import type { Canary, CanaryState } from '../guards/canary.ts';
import { findTrippedGuard, isFailure, type GuardRules, type GuardTally } from '../guards/guards.ts';
import type { StopReason } from '../guards/stop-reason.ts';
import type { Task } from './task.ts';

/** Looks at each ended call and tells when the run must stop. */
export interface Weighing<Item, Step> {
  /** True while only the canary is called. */
  readonly isCanary: boolean;
  /**
   * The answer may stop the run or hold the task: no other call takes its slot before its outcome is durable and
   * weighed.
   */
  isTrouble(step: Step): boolean;
  /** Returns the reasons to stop; usually none. */
  observe(item: Item, end: CalledEnd<Step>): readonly StopReason[];
}

export interface RecordWeighing {
  readonly guards: GuardRules;
  /** What the guards weigh; includes the calls of earlier lists. */
  readonly tally: GuardTally;
  /** Null: the run has no canary, or it has passed. */
  readonly canary: Canary | null;
  /** Answers that are held while nothing proves our set-up. */
  readonly doubt: Doubt;
}

/** Weighs ended calls by the guards of a job and the canary of a run. */
export function weighRecords({ guards, tally, canary, doubt }: RecordWeighing): Weighing<Task, RecordStep> {
  /** Records of members that were well whose end comes with the call of another record. */
  const heldWell = new Set<string>();
  return {
    get isCanary() {
      return canary?.result.kind === 'open';
    },
    isTrouble: (step) => step.kind !== 'final' || isFailure(step.class),
    observe: (task, { sent: { reply }, step, judged, late }) => {
      tally.observe(reply, step.kind === 'final' ? step.class : null);
      if (task.record.wasWell) {
        if (step.kind === 'final') tally.noteWell(step.class);
        else if (step.kind === 'held') heldWell.add(task.record.recordNo);
      }
      const state = judged.kind === 'throttled' ? null : stateAfter(step);
      if (state !== null) canary?.observe(task.record.recordNo, state);
      for (const end of late) {
        tally.noteLate(end.class);
        if (heldWell.delete(end.recordNo)) tally.noteWell(end.class);
        canary?.observe(end.recordNo, { class: end.class, isFinal: true, isHeld: false });
      }
      // All calls of the canary were made, and nothing tells whose fault their answers are.
      if (canary?.waitsForProof === true && doubt.sentence !== null) {
        return [{ kind: 'provider', cause: 'wrong_setup', sentence: doubt.sentence }];
      }
      const enough = findTrippedGuard(guards, tally);
      const tripped: StopReason[] = enough === null ? [] : [{ kind: 'limit', ...enough }];
      if (canary?.result.kind !== 'tripped') return tripped;
      const { cause, sentence } = canary.result;
      const words = cause === 'provider' ? `${sentence} (last: ${replyWords(reply)})` : sentence;
      return cause === 'provider'
        ? [...tripped, { kind: cause, cause: 'provider_silent', sentence: words }]
        : [...tripped, { kind: cause, cause: 'canary', sentence: words }];
    },
  };
}

/**
 * Returns what a call says about a canary record. A held record would become bad_data; a record that is called once
 * more at the end may be parked there. Null: the call says nothing about its record.
 */
function stateAfter(step: RecordStep): CanaryState | null {
  switch (step.kind) {
    case 'stop_run':
      return null;
    case 'held':
      return { class: 'bad_data', isFinal: false, isHeld: true };
    case 'last':
      return { class: 'unknown_code', isFinal: false, isHeld: false };
    case 'final':
    case 'again':
      return { class: step.class, isFinal: step.kind === 'final', isHeld: false };
  }
}
