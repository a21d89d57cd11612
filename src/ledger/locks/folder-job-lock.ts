import type { Clock } from '../../domain/clock.ts';
import type { EmbeddedLedger } from '../engine/embedded-ledger.ts';
import type { JobLock } from './job-lock.ts';

/**
 * The lock of a job on an embedded ledger. The folder's lock has decided already, so this only tells how far we are.
 */
export function lockJobOnFolder(
  ledger: EmbeddedLedger,
  job: string,
  me: { host: string; pid: number },
  clock: Clock,
): JobLock {
  const PUBLISH_MS = 1_000;
  const since = clock.now().toISOString();
  let progress: unknown = null;
  const ended = new AbortController();

  function tell(): void {
    const told = { job, ...asObject(progress) };
    try {
      ledger.publish({ ...me, since, beatAt: clock.now().toISOString(), progress: told });
    } catch {
      // A full disk must not keep calls in flight from being recorded; `status` then shows less.
    }
  }

  async function keepTelling(): Promise<void> {
    while (!ended.signal.aborted) {
      tell();
      await clock.sleep(PUBLISH_MS, ended.signal);
    }
  }

  const telling = keepTelling();
  return {
    isFresh: () => true,
    lost: new AbortController().signal,
    // The folder's lock can't be taken from a living process.
    fence: async () => await Promise.resolve(),
    publish: (next) => {
      const isFirst = progress === null;
      progress = next;
      if (isFirst) tell();
    },
    release: async () => {
      ended.abort();
      await telling;
    },
  };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
