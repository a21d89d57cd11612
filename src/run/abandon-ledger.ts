import type { JobLock } from '../ledger/locks/job-lock.ts';
import type { RunEnvironment } from './run-environment.ts';

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
