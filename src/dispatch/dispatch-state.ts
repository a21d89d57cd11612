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
  const now = clock.now();
  const noted = pause !== null && pause.until > now ? pause : null;
  // A person, or another process, asked for it.
  const { pauseWhy: why, pauseLeft } = gate;
  const until = new Date(now.getTime() + pauseLeft);
  if (why !== null && (noted === null || noted.until < until)) return { kind: 'paused', until, why };
  if (noted !== null) return { kind: 'paused', ...noted };
  if (weighing.isCanary) return { kind: 'canary' };
  const { slowedTo: perSecond, atOnce } = gate;
  return perSecond === null && atOnce === null ? { kind: 'running' } : { kind: 'slowed', perSecond, atOnce };
}
