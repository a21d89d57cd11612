import { lockJobOnFolder } from '../ledger/folder-job-lock.ts';
import type { JobLockResult } from '../ledger/job-lease.ts';
import type { Patience } from '../ledger/patience.ts';
import { lockJobOnServer } from '../ledger/server-job-lock.ts';
import type { RunEnvironment } from './run-environment.ts';

export interface JobLockOptions {
  /** How long a lock in hand outlasts a database that does not answer. */
  readonly patience: Patience;
  /** By default those of a start. */
  readonly tries?: number;
}

/** The lock of a job, on whichever engine its ledger is. Rejects at once where the database does not answer. */
export async function lockJob(
  environment: RunEnvironment,
  job: string,
  options: JobLockOptions,
): Promise<JobLockResult> {
  const { ledger, address, me, clock } = environment;
  if (ledger.engine === 'embedded') return { kind: 'taken', lease: lockJobOnFolder(ledger, job, me, clock) };
  if (address.kind !== 'server') throw new Error('a server ledger has a server address');
  const onSilence = (): void => {
    ledger.abandon();
  };
  return await lockJobOnServer(address.url, job, me, clock, { ...options, onSilence });
}
