import type { Clock } from '../../domain/clock.ts';
import type { JobHolder, JobLockResult } from './job-lock.ts';
import {
  holderOf,
  lockJobRow,
  lockNextGeneration,
  readJobHolder,
  takeJob,
  tryAdvisoryLock,
  unlockAdvisory,
  type Holding,
} from './job-table.ts';
import { connectForLock, type LockConnection } from './lock-connection.ts';
import { asLedgerError } from '../engine/server-statement.ts';
import { keepJob, type KeepingOptions } from './kept-job-lock.ts';

const TRIES_OF_A_START = 5;
const BETWEEN_TRIES_MS = 200;

export interface ServerLockOptions extends Pick<KeepingOptions, 'patience' | 'onSilence'> {
  /** By default those of a start. */
  readonly tries?: number;
}

/**
 * Lets one live process have a job on server Postgres. A session advisory lock stands on a connection of its own, and
 * the server drops it with the process. A beat covers the cases in which it does not: a dead host or a stopped process.
 * A lock that is taken from a silent holder gets a new generation, so that the old holder's lock opens nothing when it
 * is freed.
 */
export async function lockJobOnServer(
  url: string,
  job: string,
  me: { readonly host: string; readonly pid: number },
  clock: Clock,
  { tries = TRIES_OF_A_START, ...keeping }: ServerLockOptions,
): Promise<JobLockResult> {
  const connection = await connectForLock(url, clock);
  try {
    const attempt = await takeLockSoon(connection, job, me, clock, tries);
    if (attempt.kind === 'taken') {
      const { holding } = attempt;
      return { kind: 'taken', lock: keepJob({ ...keeping, url, job, holding, clock }, connection) };
    }
    await connection.close();
    return attempt;
  } catch (error) {
    await connection.close();
    throw asLedgerError(error);
  }
}

type LockAttempt =
  | { readonly kind: 'taken'; readonly holding: Holding }
  | { readonly kind: 'held'; readonly holder: JobHolder };

/** The server needs a moment to notice that a killed holder is gone, so the first refusal does not count. */
async function takeLockSoon(
  connection: LockConnection,
  job: string,
  me: { readonly host: string; readonly pid: number },
  clock: Clock,
  most: number,
): Promise<LockAttempt> {
  for (let tries = 1; ; tries += 1) {
    const attempt = await connection.transaction(async () => await takeLock(connection, job, me));
    if (attempt.kind === 'taken' || tries >= most) return attempt;
    await clock.sleep(BETWEEN_TRIES_MS);
  }
}

async function takeLock(
  connection: LockConnection,
  job: string,
  me: { readonly host: string; readonly pid: number },
): Promise<LockAttempt> {
  const row = await lockJobRow(connection, job);
  if (row === null) return { kind: 'held', holder: await readJobHolder(connection, job) };
  const isFree = await tryAdvisoryLock(connection, job, row.generation);
  if (!isFree && !row.stale) return { kind: 'held', holder: holderOf(row) };
  // A generation of its own for every holder: whoever had the job before has a lock that opens nothing.
  const generation = await lockNextGeneration(connection, job, row.generation);
  if (isFree) await unlockAdvisory(connection, job, row.generation);
  return { kind: 'taken', holding: await takeJob(connection, job, generation, me) };
}
