import type { Clock } from '../clock.ts';

/**
 * Does `work` as long as it takes less than `ms`. Past that, `stop` is aborted and `late` decides what comes of it; work
 * that heeds no signal is left to itself. Rejects with what `work`, or `late`, rejects with.
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
