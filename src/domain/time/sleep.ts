import type { Clock } from '../clock.ts';

/** Resolves after `ms`, when `changed` does or when `signal` aborts, whichever comes first. */
export async function sleepUnlessChanged(
  clock: Clock,
  ms: number,
  { changed, signal }: { readonly changed: Promise<void>; readonly signal: AbortSignal },
): Promise<void> {
  const waiting = new AbortController();
  const endWaiting = (): void => {
    waiting.abort();
  };
  // Not AbortSignal.any, which keeps some 200 bytes per signal as long as the run's own signal lives.
  signal.addEventListener('abort', endWaiting, { once: true });
  const slept = clock.sleep(ms, waiting.signal);
  await Promise.race([changed, slept]);
  signal.removeEventListener('abort', endWaiting);
  endWaiting();
}
