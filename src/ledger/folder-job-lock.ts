import type { Clock } from '../domain/clock.ts';
import type { EmbeddedLedger } from './embedded-ledger.ts';
import type { JobLease } from './job-lease.ts';

/** On the embedded ledger the folder's lock has decided already; what is left is to say how far we are. */
export function lockJobOnFolder(
  ledger: EmbeddedLedger,
  job: string,
  me: { host: string; pid: number },
  clock: Clock,
): JobLease {
  const PUBLISH_MS = 1_000;
  const since = clock.now().toISOString();
  let progress: unknown = null;
  const ended = new AbortController();

  function tell(): void {
    ledger.publish({
      ...me,
      since,
      beatAt: clock.now().toISOString(),
      progress: { job, ...asObject(progress) },
    });
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
