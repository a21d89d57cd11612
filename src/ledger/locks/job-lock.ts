import type { Queryable } from '../ledger-port.ts';

/** Who works on a job: shown to the second starter. */
export interface JobHolder {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

export interface JobLock {
  /**
   * False when the last beat that went through is so old that somebody may have taken the job over:
   * no call may be sent then. So while its connection is broken. True again after the next beat.
   */
  isFresh(): boolean;
  /** Aborted when the lock is surely lost: taken over, or its database did not come back. The reason is an Error. */
  readonly lost: AbortSignal;
  /** What `status` in another process shows. Kept with the next beat. */
  publish(progress: unknown): void;
  /**
   * Rejects with OvertakenError where the job is no longer ours; until the transaction ends nobody can take it.
   * For writes that no run's epoch guards: to begin, take on, close or drop a run.
   */
  fence(transaction: Queryable): Promise<void>;
  release(): Promise<void>;
}

export type JobLockResult =
  { readonly kind: 'taken'; readonly lock: JobLock } | { readonly kind: 'held'; readonly holder: JobHolder };

/** A holder that has not beaten for this long is dead or stopped, whatever its connection says. */
export const STALE_SECONDS = 15;
