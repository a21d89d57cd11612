import type { Clock } from '../domain/clock.ts';
import type { PermitGate } from './gate/permit-gate.ts';
import type { DispatchState, PauseReason } from './progress/dispatch-progress.ts';

/** A pause as this process knows it. */
export interface NotedPause {
  readonly until: Date;
  readonly why: PauseReason;
}

/** What the dispatch is doing now, for people. */
export function stateNow(
  pause: NotedPause | null,
  {
    weighing,
    clock,
    gate,
  }: {
    readonly weighing: { readonly isCanary: boolean };
    readonly clock: Clock;
    readonly gate: PermitGate;
  },
): DispatchState {
  if (pause !== null && pause.until > clock.now()) return { kind: 'paused', ...pause };
  // Another process was told of it.
  const { pauseWhy: why, pauseLeft } = gate;
  if (why !== null) return { kind: 'paused', until: new Date(clock.now().getTime() + pauseLeft), why };
  if (weighing.isCanary) return { kind: 'canary' };
  const { slowedTo: perSecond, atOnce } = gate;
  return perSecond === null && atOnce === null ? { kind: 'running' } : { kind: 'slowed', perSecond, atOnce };
}
