import { onTestFinished, vi } from 'vitest';
import type { Permit } from '../../src/dispatch/gate/issued-permit.ts';
import { PermitGate, type GateOptions } from '../../src/dispatch/gate/permit-gate.ts';
import type { RateLimit } from '../../src/dispatch/gate/permit-windows.ts';
import { createStubClock, oneTurn, type StubClock } from '../support/stub-clock.ts';

/** bottleneck only takes turns of `setTimeout(…, 0)`: faked, it stands still exactly when it has nothing to do. */
export async function settle(): Promise<void> {
  for (;;) {
    await oneTurn();
    if (vi.getTimerCount() === 0) return;
    vi.advanceTimersByTime(1);
  }
}

export interface Taking {
  /** What has come of the wait so far. */
  state: 'waiting' | 'given' | 'away';
  permit: Permit | null;
  abort(): void;
  /** Called in the moment the permit is given. */
  onGiven: (permit: Permit) => void;
}

export interface GateWorld {
  readonly gate: PermitGate;
  readonly clock: StubClock;
  /** Begins to wait for so many permits; the takings are told when `settle` is over. */
  readonly take: (count: number, prepare?: (taking: Taking) => void) => Promise<Taking[]>;
  /** Calls of before, by their ages. */
  readonly fill: (ages: readonly number[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A burst that leaves the limits alone to say when a call may leave. */
const UNSPREAD = 1_000_000;

/** A gate with a clock moved by hand, closed at the test's end. Calls are spread only where the options name a burst. */
export function createGateWorld(
  limits: readonly RateLimit[],
  createOptions: (clock: StubClock) => GateOptions = () => ({}),
): GateWorld {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const clock = createStubClock(settle);
  const gate = new PermitGate(limits, clock, { burst: UNSPREAD, ...createOptions(clock) });
  return {
    gate,
    clock,
    take: async (count, prepare) => {
      const takings = Array.from({ length: count }, () => beginTaking(gate));
      if (prepare !== undefined) for (const taking of takings) prepare(taking);
      await settle();
      return takings;
    },
    fill: async (ages) => {
      gate.fillWith(ages);
      await settle();
    },
    close: async () => {
      const closed = gate.close();
      await settle();
      await closed;
    },
  };
}

/** Real timers again after the test, whatever it leaves. */
export function restoreTimersAfterTest(): void {
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

function beginTaking(gate: PermitGate): Taking {
  const withdrawal = new AbortController();
  const taking: Taking = {
    state: 'waiting',
    permit: null,
    abort: () => {
      withdrawal.abort();
    },
    onGiven: () => undefined,
  };
  void gate.take(withdrawal.signal).then((permit) => {
    taking.permit = permit;
    taking.state = permit === null ? 'away' : 'given';
    if (permit !== null) taking.onGiven(permit);
  });
  return taking;
}

export function countGiven(takings: readonly Taking[]): number {
  return takings.filter((taking) => taking.state === 'given').length;
}
