/** What the dispatch is doing now. */
export type DispatchState =
  | { readonly kind: 'running' }
  /** The first records are called and weighed before the rest goes. */
  | { readonly kind: 'canary' }
  /** Nothing is sent before `until`. */
  | { readonly kind: 'paused'; readonly until: Date; readonly why: PauseReason }
  /** Slower, or fewer at once, than the settings, because the provider is in trouble; null: as many as they allow. */
  | { readonly kind: 'slowed'; readonly perSecond: number | null; readonly atOnce: number | null };

export type PauseReason =
  /** A blackout window. */
  | 'blackout'
  /** The provider asked for it (429, Retry-After). */
  | 'throttled'
  /** Transport faults in a row: one call is tried after the pause. */
  | 'breaker'
  /** The ledger does not answer; `until` is when the run gives it up. Known to whoever shows the run, not to the dispatch. */
  | 'ledger';

export interface DispatchProgress {
  readonly calls: number;
  readonly inFlight: number;
  /** Records that wait for their next attempt. */
  readonly delayed: number;
  /** Last class given by a call, by class; a record that comes again is counted when it is final. */
  readonly final: Readonly<Record<string, number>>;
  readonly state: DispatchState;
}

/** A pause is over when its time has come, also where nobody has said so yet. */
export function stateAt(state: DispatchState, now: Date): DispatchState {
  return state.kind === 'paused' && state.until <= now ? { kind: 'running' } : state;
}
