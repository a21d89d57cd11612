import type { Clock } from '../../domain/clock.ts';

/** How fast recent calls ended, and how long they took. */
export interface PaceFigures {
  /** Calls a second over the last ten seconds. */
  readonly perSecond: number;
  /**
   * Calls a second over the last half minute without its pauses; null before the first call, and in the first second.
   */
  readonly usualPerSecond: number | null;
  /** Latency of the last calls, at the median and the 99th percentile, in milliseconds. Null before the first call. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface CallPace {
  /** A call has ended. */
  observe(latencyMs: number): void;
  /** `isPaused`: whether calls may not leave from here on; until the next reading that is taken to stay so. */
  read(isPaused: boolean): PaceFigures;
}

const SHOWN_SECONDS = 10;
const USUAL_SECONDS = 30;
/** Enough for a p99, few enough to sort some times a second. */
const LATENCIES = 500;
const SECOND_MS = 1_000;

/** Keeps the same few numbers however long the run. Its time begins when it is made. */
export function createCallPace(clock: Clock): CallPace {
  const began = clock.monotonic();
  const lately = createSecondCounts(SHOWN_SECONDS);
  const unpaused = createSecondCounts(USUAL_SECONDS);
  const latencies = new Float64Array(LATENCIES);
  let calls = 0;
  let unpausedMs = 0;
  let readAt = began;
  let wasPaused = false;

  function unpausedNow(): number {
    return unpausedMs + (wasPaused ? 0 : clock.monotonic() - readAt);
  }

  return {
    observe: (latencyMs) => {
      lately.add(clock.monotonic() - began);
      unpaused.add(unpausedNow());
      latencies[calls % LATENCIES] = latencyMs;
      calls += 1;
    },
    read: (isPaused) => {
      unpausedMs = unpausedNow();
      readAt = clock.monotonic();
      wasPaused = isPaused;
      const last = latencies.slice(0, Math.min(calls, LATENCIES)).toSorted();
      return {
        perSecond: lately.perSecond(readAt - began),
        usualPerSecond: calls === 0 || unpausedMs < SECOND_MS ? null : unpaused.perSecond(unpausedMs),
        p50Ms: quantile(last, 0.5),
        p99Ms: quantile(last, 0.99),
      };
    },
  };
}

/** Nearest rank. */
function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

interface SecondCounts {
  add(atMs: number): void;
  perSecond(atMs: number): number;
}

/**
 * Counts by the second. The speed is that of the last `seconds` full seconds. With the second under way, a run that
 * keeps its limit would seem to exceed it, because calls leave together when a second begins. Times never go back.
 */
function createSecondCounts(seconds: number): SecondCounts {
  const length = seconds + 1;
  const counts = new Float64Array(length);
  let newest = 0;

  function forgetBefore(second: number): void {
    const passed = Math.min(second - newest, length);
    for (let step = 1; step <= passed; step += 1) counts[(newest + step) % length] = 0;
    newest = second;
  }

  return {
    add: (atMs) => {
      forgetBefore(Math.floor(atMs / SECOND_MS));
      const place = newest % length;
      counts[place] = (counts[place] ?? 0) + 1;
    },
    perSecond: (atMs) => {
      forgetBefore(Math.floor(atMs / SECOND_MS));
      const begun = counts[newest % length] ?? 0;
      const over = Math.min(newest, seconds);
      return over === 0 ? begun : (counts.reduce((sum, count) => sum + count, 0) - begun) / over;
    },
  };
}
