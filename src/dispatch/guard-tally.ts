import type { CallClass } from '../domain/class.ts';
import type { Reply } from '../domain/outcome.ts';
import type { CallTally } from './guards/guards.ts';
import type { NextStep } from './call/retry-decision.ts';

/** What the calls of one process have brought, over all lists of its job: many short lists are no way around a guard. */
export class GuardTally implements CallTally {
  readonly final: Partial<Record<CallClass, number>> = {};
  readonly unknownCodes = new Map<string, number>();
  calls = 0;

  note(reply: Reply, step: NextStep): void {
    this.calls += 1;
    this.noteEnd(reply, step);
  }

  /** The end of a record that came without a call of its own. */
  noteLate(callClass: CallClass): void {
    this.final[callClass] = (this.final[callClass] ?? 0) + 1;
  }

  private noteEnd(reply: Reply, step: NextStep): void {
    if (step.kind !== 'final') return;
    this.final[step.class] = (this.final[step.class] ?? 0) + 1;
    if (step.class !== 'unknown_code' || reply.kind !== 'answered') return;
    const code = reply.code ?? 'refused before the provider';
    this.unknownCodes.set(code, (this.unknownCodes.get(code) ?? 0) + 1);
  }
}
