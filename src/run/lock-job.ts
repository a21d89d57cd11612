import { lockJobOnFolder } from '../ledger/folder-job-lock.ts';
import type { JobLockResult } from '../ledger/job-lease.ts';
import { lockJobOnServer } from '../ledger/server-job-lock.ts';
import type { RunEnvironment } from './run-environment.ts';

/** The lock of a job, on whichever engine its ledger is. `tries`: by default those of a start. */
export async function lockJob(
  environment: RunEnvironment,
  job: string,
  tries?: number,
): Promise<JobLockResult> {
  const { ledger, address, me, clock } = environment;
  if (ledger.engine === 'embedded') return { kind: 'taken', lease: lockJobOnFolder(ledger, job, me, clock) };
  if (address.kind !== 'server') throw new Error('a server ledger has a server address');
  return await lockJobOnServer(address.url, job, me, clock, tries);
}
