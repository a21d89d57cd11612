import type { Clock } from '../domain/clock.ts';
import type { AvailabilityNews } from './guards/silence-news.ts';
import type { StopReason } from './guards/stop-reason.ts';
import type { CallEnd, CallStep } from './call/call-end.ts';
import type { CallPace } from './progress/call-pace.ts';
import type { BreakerRules } from './guards/circuit-breaker.ts';
import type { Doubt } from './call/setup-trust.ts';
import type { DispatchProgress } from './progress/dispatch-progress.ts';
import type { Weighing } from './call/record-weighing.ts';
import type { SharedPauseReason } from './gate/gate-pause.ts';
import type { PermitGate } from './gate/permit-gate.ts';
import type { CallHours, StopTime } from './windows/call-hours.ts';
import type { TaskQueue } from './task-queue.ts';

/** What the loop needs to make calls of any kind. */
export interface DispatchOptions<Item, Step extends CallStep<Item>> {
  /** One call inside its slot, up to its answer. Rejects only when the ledger fails or the job was taken over. */
  readonly call: (item: Item, stopping: AbortSignal) => Promise<CallEnd<Step>>;
  readonly queue: TaskQueue<Item>;
  /** Asked once, when the first call may leave. Resolves with the reason why no call can, or null. */
  readonly findRefusal: () => Promise<StopReason | null>;
  readonly gate: PermitGate;
  readonly pace: Pick<CallPace, 'observe'>;
  readonly breaker: BreakerRules;
  readonly weighing: Weighing<Item, Step>;
  /** Answers that wait for a proof of our set-up. */
  readonly doubt: Doubt;
  readonly isLockFresh: () => boolean;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly hours: CallHours;
  /** When the run must end even if records are left; null: never. */
  readonly stopAt: StopTime | null;
  /** Aborted when a person or the system asks to stop. Calls in flight then end and are recorded. */
  readonly stop: AbortSignal;
  /** Told when a pause begins that holds every process that calls this provider. */
  readonly onPause: (milliseconds: number, why: SharedPauseReason) => void;
  readonly onProgress: (progress: DispatchProgress) => void;
  /** Told what a person should know although the run goes on. */
  readonly onWarning: (sentence: string) => void;
  readonly onAvailability: (news: AvailabilityNews) => void;
}
