import type { Clock } from '../clock.ts';

/**
 * Does `work` for at most `ms`. After that it aborts `stop`, and `late` decides the result; work that ignores the
 * signal is abandoned. Rejects with what `work` or `late` rejects with.
 */
export async function withinDeadline<Result>(
  clock: Clock,
  ms: number,
  work: (stop: AbortSignal) => Promise<Result>,
  late: () => Result,
): Promise<Result> {
  const stop = new AbortController();
  const done = new AbortController();
  const passed = async (): Promise<Result> => {
    await clock.sleep(ms, done.signal);
    if (!done.signal.aborted) stop.abort();
    return late();
  };
  try {
    return await Promise.race([work(stop.signal), passed()]);
  } finally {
    done.abort();
  }
}
