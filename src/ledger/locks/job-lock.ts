import type { Queryable } from '../ledger-port.ts';

/** The process that works on a job, as the second starter is told. */
export interface JobHolder {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

export interface JobLock {
  /**
   * False where the last successful beat is so old that another process may have taken the job over, and while the
   * lock's connection is broken. No call may be sent then. True again after the next beat.
   */
  isFresh(): boolean;
  /** Aborted where the lock is surely lost: taken over, or the database did not come back. The reason is an Error. */
  readonly lost: AbortSignal;
  /** Sets what `status` in another process shows. It is written with the next beat. */
  publish(progress: unknown): void;
  /**
   * Rejects with OvertakenError where the job is no longer ours. Until the transaction ends nobody can take it. It
   * guards writes that no run's epoch guards: to begin, continue, close or drop a run.
   */
  fence(transaction: Queryable): Promise<void>;
  release(): Promise<void>;
}

export type JobLockResult =
  { readonly kind: 'taken'; readonly lock: JobLock } | { readonly kind: 'held'; readonly holder: JobHolder };

/** A holder without a beat for so long is dead or stopped, whatever its connection says. */
export const STALE_SECONDS = 15;
