import type { Clock } from '../../domain/clock.ts';
import type { JobLock } from './job-lock.ts';
import {
  beatJob,
  clearBeat,
  fenceJob,
  lockNextGeneration,
  lockOwnJobRow,
  setJobGeneration,
  tryAdvisoryLock,
  type Holding,
} from './job-table.ts';
import { OvertakenError } from '../ledger-port.ts';
import { connectForLock, SilentServerError, type LockConnection } from './lock-connection.ts';
import type { Patience } from '../engine/patience.ts';

const BEAT_MS = 2_000;
/** After so long without a beat a process stops sending, well before others may take over. */
const FRESH_MS = 10_000;

export interface KeepingOptions {
  readonly url: string;
  readonly job: string;
  readonly holding: Holding;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Told where the server gives no answer at all, because other statements may then wait in vain. */
  readonly onSilence: () => void;
}

/**
 * Keeps a job that was taken on the connection `first`. It beats, and takes the lock again on a new connection when the
 * old one breaks, as long as patience lasts and nobody else has taken the job.
 */
export function keepJob(options: KeepingOptions, first: LockConnection): JobLock {
  const { job, holding, clock, patience, onSilence } = options;
  const lost = new AbortController();
  const ended = new AbortController();
  let connection = first;
  let lastBeat = clock.monotonic();
  let progress: unknown = null;

  async function beat(): Promise<void> {
    const asOf = clock.monotonic();
    if (connection.broken.aborted) connection = await takeAgain(options);
    if (!(await beatJob(connection, job, holding, progress))) throw new OvertakenError();
    lastBeat = asOf;
  }

  async function beatOrTellSilence(): Promise<void> {
    try {
      await beat();
    } catch (error) {
      if (error instanceof SilentServerError) onSilence();
      throw error;
    }
  }

  async function keepBeating(): Promise<void> {
    for (;;) {
      await clock.sleep(BEAT_MS, ended.signal);
      if (ended.signal.aborted) return;
      await patience.insist(beatOrTellSilence, ended.signal);
    }
  }

  const beating = keepBeating().catch((error: unknown) => {
    if (!ended.signal.aborted) lost.abort(error);
  });
  return {
    isFresh: () =>
      clock.monotonic() - lastBeat < FRESH_MS && !connection.broken.aborted && !lost.signal.aborted,
    lost: lost.signal,
    fence: async (transaction) => {
      if (!(await fenceJob(transaction, job, holding))) throw new OvertakenError();
      lost.signal.throwIfAborted();
    },
    publish: (next) => {
      progress = next;
    },
    release: async () => {
      ended.abort();
      await beating;
      if (!connection.broken.aborted && !lost.signal.aborted) {
        await clearBeat(connection, job, holding).catch(() => undefined);
      }
      await connection.close();
    },
  };
}

/**
 * Takes the lock again on a new connection. The job's row tells whether the job is still ours. Our own dead connection
 * may still hold the advisory lock; then it takes the lock of a later generation.
 */
async function takeAgain({ url, job, holding, clock }: KeepingOptions): Promise<LockConnection> {
  const connection = await connectForLock(url, clock);
  try {
    await connection.transaction(async () => {
      const generation = await lockOwnJobRow(connection, job, holding);
      if (generation === null) throw new OvertakenError();
      if (await tryAdvisoryLock(connection, job, generation)) return;
      await setJobGeneration(connection, job, await lockNextGeneration(connection, job, generation));
    });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
