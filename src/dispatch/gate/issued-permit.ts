import type { Clock } from '../../domain/clock.ts';
import type { CallSign } from './call-sign.ts';
import type { AdaptivePace } from './adaptive-pace.ts';
import type { CallBudget } from './call-budget.ts';
import type { InFlightLimit } from './in-flight-limit.ts';
import type { PermitsBack, PermitWindows } from './permit-windows.ts';
import type { Spread } from './spread.ts';
import type { TransitMargin } from './transit-margin.ts';

/**
 * One call's right to leave. It ends with `finish`, or with `giveBack` where the call was not made after all. Calls
 * after its end change nothing, so that no permit comes back twice.
 */
export interface Permit {
  /** The call goes over a connection that has carried another before. */
  onKeptConnection(): void;
  /** The call's last byte has left us. */
  left(): void;
  /** The call is over, answered or not. */
  finish(sign: CallSign): void;
  giveBack(): void;
}

/** What a permit is taken from, and what learns from its call. */
export interface PermitSources {
  readonly clock: Clock;
  readonly windows: PermitWindows;
  readonly spread: Spread;
  /** Every call takes one from each of them. */
  readonly budgets: readonly CallBudget[];
  readonly margin: TransitMargin;
  /** Null where the gate learns nothing from trouble. */
  readonly learning: { readonly pace: AdaptivePace; readonly inFlight: InFlightLimit } | null;
  /** Milliseconds between two theoretical departures. */
  intervalMs(): number;
}

/** Takes one permit. `level`: calls under way with this one; `ended` is called once, when the call is over. */
export function issuePermit(sources: PermitSources, level: number, ended: () => void): Permit {
  const { clock, windows, spread, budgets, margin, learning } = sources;
  let leftAt: number | null = null;
  let back: PermitsBack | null = null;
  let hasEnded = false;
  const takenAt = clock.monotonic();
  const underWay = learning?.inFlight.begin(level, takenAt) ?? null;
  spread.take(takenAt, sources.intervalMs());
  windows.take();
  for (const budget of budgets) budget.take();

  function end(wasMade: boolean): void {
    for (const budget of budgets) budget.ended(wasMade);
    ended();
  }

  return {
    onKeptConnection: () => {
      underWay?.heard();
    },
    left: () => {
      if (hasEnded || leftAt !== null) return;
      leftAt = clock.monotonic();
      back = windows.comeBack(leftAt + margin.ms);
    },
    finish: (sign) => {
      if (hasEnded) return;
      hasEnded = true;
      const now = clock.monotonic();
      learning?.pace.observe(sign, leftAt ?? takenAt, now);
      underWay?.end(sign, now);
      if (leftAt !== null && sign === 'sound') margin.observe(now - leftAt);
      if (back === null) windows.comeBack(now);
      else back.arrivedBy(now);
      end(sign !== 'not_sent');
    },
    giveBack: () => {
      if (hasEnded || leftAt !== null) return;
      hasEnded = true;
      underWay?.withdraw();
      windows.giveBack();
      spread.giveBack(sources.intervalMs());
      end(false);
    },
  };
}
