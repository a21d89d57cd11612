import type { Clock } from '../domain/clock.ts';
import { lockJobOnFolder } from '../ledger/folder-job-lock.ts';
import type { JobLockResult } from '../ledger/job-lease.ts';
import { lockJobOnServer } from '../ledger/server-job-lock.ts';
import type { LedgerAddress, OpenLedger } from '../ledger/open-ledger.ts';

/** The lock of a job, on whichever engine its ledger is. */
export async function lockJob(
  ledger: OpenLedger,
  address: LedgerAddress,
  job: string,
  me: { readonly host: string; readonly pid: number },
  clock: Clock,
): Promise<JobLockResult> {
  if (ledger.engine === 'embedded') return { kind: 'taken', lease: lockJobOnFolder(ledger, job, me, clock) };
  if (address.kind !== 'server') throw new Error('a server ledger has a server address');
  return await lockJobOnServer(address.url, job, me, clock);
}
