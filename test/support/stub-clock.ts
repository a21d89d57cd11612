import type { Clock } from '../../src/domain/clock.ts';

/** A clock that stands still until a test moves it. */
export interface StubClock extends Clock {
  /** How many wait for a later time. */
  readonly sleeping: number;
  /** Milliseconds from now to each sleeper's time, soonest first. */
  readonly waits: readonly number[];
  /** Puts the wall clock elsewhere by so much; the monotonic one goes on as before. */
  shiftWall(ms: number): void;
  /** Moves time forward; sleepers wake in the order of their times, each with its own time on the clock. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** `settle` is awaited after each waking, so that what was woken may sleep again before time goes on. */
export function createStubClock(settle: () => Promise<void> = oneTurn): StubClock {
  const startedAt = Date.UTC(2026, 10, 23, 16);
  const sleepers = new Set<Sleeper>();
  let now = 0;
  let shift = 0;

  function soonestFirst(): Sleeper[] {
    return [...sleepers].toSorted((a, b) => a.due - b.due);
  }

  return {
    get sleeping() {
      return sleepers.size;
    },
    get waits() {
      return soonestFirst().map((sleeper) => sleeper.due - now);
    },
    now: () => new Date(startedAt + now + shift),
    shiftWall: (ms) => {
      shift += ms;
    },
    monotonic: () => now,
    sleep: async (ms, signal) => {
      if (ms <= 0 || signal?.aborted === true) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper: Sleeper = {
        due: now + ms,
        wake: () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
      await promise;
    },
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      for (;;) {
        const [next] = soonestFirst();
        if (next === undefined || next.due > end) break;
        now = Math.max(now, next.due);
        next.wake();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets everything run that waits for nothing but its turn. */
export async function oneTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** As `oneTurn`, for what waits by timers of no length: bottleneck hands out permits so. */
export async function timerTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Turns until `holds`; a test in which it never does runs into its time limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await oneTurn();
}
