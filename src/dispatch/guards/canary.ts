import type { CallClass } from '../../domain/class.ts';
import { describeFailures, isFailure } from './guards.ts';

export type CanaryResult =
  | { readonly kind: 'open' }
  | { readonly kind: 'passed' }
  /** `limit`: the list or its provider is not what it should be; `provider`: it does not answer. */
  | { readonly kind: 'tripped'; readonly cause: 'limit' | 'provider'; readonly sentence: string };

/** What is known of one record of the canary. */
export interface CanaryState {
  readonly class: CallClass;
  /** False where the record is called again or waits to be judged: this is its class so far. */
  readonly isFinal: boolean;
  /** True where its answer waits for a proof of our set-up: it may become a failure. */
  readonly isHeld: boolean;
}

/**
 * Trips when more than half of the records failed. A list of another system, or a changed provider, fails nearly all
 * records, and a usual list far fewer. Passes when each record was called and no longer more than half can fail: a
 * record that is called again is waited for only where it decides. `states`: null for a record that is not called yet.
 */
export function weighCanary(states: readonly (CanaryState | null)[]): CanaryResult {
  const known = states.filter((state) => state !== null);
  const failed = known.filter((state) => state.isFinal && isFailure(state.class));
  const half = states.length / 2;
  if (failed.length > half) return tripped(states.length, failed);
  const comeAgain = known.filter((state) => !state.isFinal);
  const isPassed = known.length === states.length && failed.length + comeAgain.length <= half;
  return { kind: isPassed ? 'passed' : 'open' };
}

function tripped(size: number, failed: readonly CanaryState[]): CanaryResult {
  const counts: Partial<Record<CallClass, number>> = {};
  for (const state of failed) counts[state.class] = (counts[state.class] ?? 0) + 1;
  const unsettled = (counts.ambiguous ?? 0) + (counts.transient ?? 0);
  const figures = `${failed.length} of the ${size} records called first failed (${describeFailures(counts)})`;
  return {
    kind: 'tripped',
    cause: unsettled > size / 2 ? 'provider' : 'limit',
    sentence: `stopped by guards.canary: ${figures}; the rest was not called`,
  };
}

/**
 * The first records of a run, spread over its list. They are weighed before the others are called. Records it has not
 * been given yet count as not called, because a few records alone decide nothing.
 */
export class Canary {
  private readonly states = new Map<string, CanaryState | null>();
  private readonly decided = Promise.withResolvers<undefined>();
  private current: CanaryResult = { kind: 'open' };

  /** How many records are to be called. */
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  get result(): CanaryResult {
    return this.current;
  }

  /** Resolves when the result is there. */
  get weighed(): Promise<undefined> {
    return this.decided.promise;
  }

  /** True where only held answers are left to decide it: a proof alone tells whether they are failures. */
  get waitsForProof(): boolean {
    if (this.current.kind !== 'open' || this.missing > 0) return false;
    const open = [...this.states.values()].filter((state) => state?.isFinal !== true);
    return open.every((state) => state?.isHeld === true);
  }

  /** How many records it is still to be given. */
  get missing(): number {
    return Math.max(0, this.size - this.states.size);
  }

  /** Records of it, before the first of these is called. */
  add(recordNos: readonly string[]): void {
    for (const recordNo of recordNos) this.states.set(recordNo, null);
  }

  /** Takes in what a call, or a proof, says about one of its records. */
  observe(recordNo: string, state: CanaryState): void {
    if (this.current.kind !== 'open' || !this.states.has(recordNo)) return;
    this.states.set(recordNo, state);
    const unknown = Array.from({ length: this.missing }, () => null);
    this.current = weighCanary([...this.states.values(), ...unknown]);
    if (this.current.kind !== 'open') this.decided.resolve(undefined);
  }
}
