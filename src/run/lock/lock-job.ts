import { zonedTimeOfText } from '../../domain/time/wall-time.ts';
import { lockJobOnFolder } from '../../ledger/locks/folder-job-lock.ts';
import type { JobHolder, JobLock, JobLockResult } from '../../ledger/locks/job-lock.ts';
import type { Patience } from '../../ledger/engine/patience.ts';
import { lockJobOnServer } from '../../ledger/locks/server-job-lock.ts';
import type { RunEnvironment, StopSignal } from '../run-environment.ts';
import { StoppedWhileWaitingError } from './stopped-early.ts';

/** Who waits asks about as often as a beat tells whether the holder lives. */
export const ASK_AGAIN_MS = 1_000;

/** Another live process has the job: nothing was begun. */
export class JobHeldError extends Error {
  readonly code = 'JOB_HELD';
  constructor(job: string, holder: JobHolder, timeZone: string) {
    const since = zonedTimeOfText(holder.since, timeZone);
    super(`job ${job} is being run by process ${holder.pid} on ${holder.host}, since ${since}`);
  }
}

/**
 * The job's lock in hand. Where another live process has it, rejects with JobHeldError, or waits until that lets go
 * if `--wait` was given, having told once who it is.
 */
export async function holdJob(
  environment: RunEnvironment,
  job: string,
  patience: Patience,
): Promise<JobLock> {
  const { configuration, observer, clock, stop } = environment;
  const ask = async (): Promise<JobLockResult> => await lockJob(environment, job, { patience });
  let asked = await ask();
  let isTold = false;
  while (asked.kind === 'held') {
    const held = new JobHeldError(job, asked.holder, configuration.timeZone);
    if (!configuration.flags.wait) throw held;
    if (!isTold) observer.jobHeld(held.message);
    isTold = true;
    await clock.sleep(ASK_AGAIN_MS, stop);
    if (stop.aborted) throw new StoppedWhileWaitingError(stop.reason as StopSignal);
    // Nothing was begun, and a database that is restarted meanwhile is waited for as in a run.
    asked = await patience.insist(ask, stop);
  }
  return asked.lock;
}

export interface JobLockOptions {
  /** How long a lock in hand outlasts a database that does not answer. */
  readonly patience: Patience;
  /** By default those of a start. */
  readonly tries?: number;
}

/** The lock of a job, on whichever engine its ledger is. Rejects at once where the database does not answer. */
export async function lockJob(
  environment: Pick<RunEnvironment, 'ledger' | 'address' | 'me' | 'clock'>,
  job: string,
  options: JobLockOptions,
): Promise<JobLockResult> {
  const { ledger, address, me, clock } = environment;
  if (ledger.engine === 'embedded') return { kind: 'taken', lock: lockJobOnFolder(ledger, job, me, clock) };
  if (address.kind !== 'server') throw new Error('a server ledger has a server address');
  const onSilence = (): void => {
    ledger.abandon();
  };
  return await lockJobOnServer(address.url, job, me, clock, { ...options, onSilence });
}

/** What it takes a server that does answer to note the outcomes of the last calls. */
const WRITING_MS = 5_000;

/**
 * A server that did not come back to the lock's connection may answer none, and statements have no time limit of their
 * own: a plan of millions of rows may take minutes. So when the lock is lost for good, the calls in flight get their time
 * and are recorded; what still waits for the server then has waited in vain. `end` when nothing is waited for any more.
 */
export function abandonWithLock(
  { ledger, configuration, clock }: RunEnvironment,
  lock: JobLock,
): { end(): void } {
  const ended = new AbortController();

  async function abandon(): Promise<void> {
    await clock.sleep(configuration.limits.timeoutMs + WRITING_MS, ended.signal);
    if (!ended.signal.aborted && ledger.engine === 'server') ledger.abandon();
  }

  lock.lost.addEventListener('abort', () => void abandon(), { once: true });
  return {
    end: () => {
      ended.abort();
    },
  };
}
