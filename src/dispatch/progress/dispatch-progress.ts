/** What the dispatch is doing now. */
export type DispatchState =
  | { readonly kind: 'running' }
  /** The canary is called and weighed before the other records. */
  | { readonly kind: 'canary' }
  /** Nothing is sent before `until`. */
  | { readonly kind: 'paused'; readonly until: Date; readonly why: PauseReason }
  /** Slower, or fewer at once, than the settings, because the provider is in trouble; null: as many as they allow. */
  | { readonly kind: 'slowed'; readonly perSecond: number | null; readonly atOnce: number | null };

export const pauseReasons = ['blackout', 'throttled', 'breaker', 'person', 'ledger'] as const;

/**
 * blackout: calls may not leave by the time of day. throttled: the provider asked for it (429, Retry-After). breaker:
 * transport faults in a row, one call is tried after the pause. person: somebody has paused the provider for every
 * process on the ledger. ledger: it does not answer, and `until` is when the run gives it up; known to whoever shows
 * the run, not to the dispatch.
 */
export type PauseReason = (typeof pauseReasons)[number];

export interface DispatchProgress {
  readonly calls: number;
  readonly inFlight: number;
  /** Records that wait for their next attempt. */
  readonly delayed: number;
  /** Last class given by a call, by class; a record that comes again is counted when it is final. */
  readonly final: Readonly<Record<string, number>>;
  readonly state: DispatchState;
}

/** Ends a pause whose time has passed, even where nobody has said so yet. */
export function stateAt(state: DispatchState, now: Date): DispatchState {
  return state.kind === 'paused' && state.until <= now ? { kind: 'running' } : state;
}
