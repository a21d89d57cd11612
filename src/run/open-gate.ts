import { formatRate, type RateLimit } from '../config/rate-limit.ts';
import { startOfDay, startOfNextDay, startOfNextNight, dayOf } from '../domain/calendar-day.ts';
import { nightOf } from '../domain/night.ts';
import { createCallBudget, type CallBudget } from '../dispatch/call-budget.ts';
import { PermitGate } from '../dispatch/permit-gate.ts';
import { countCallsOfNight, countCallsSince, readRecentCalls } from '../ledger/attempt-table.ts';
import type { RunInHand } from './continue-run.ts';
import type { RunEnvironment } from './run-environment.ts';

/** The gate all calls of a run pass, filled with those that were made before it. */
export async function openGate(environment: RunEnvironment, inHand: RunInHand): Promise<PermitGate> {
  const { ledger, clock, configuration } = environment;
  const limits = windowsOf(configuration.limits.rates);
  const windowMs = 2 * Math.max(...limits.map((limit) => limit.windowMs));
  const most = Math.max(...limits.map(({ count }) => count));
  const budgets = await openBudgets(environment, inHand);
  const ages = await readRecentCalls(ledger, inHand.run.provider, clock.now(), { windowMs, most });
  const gate = new PermitGate(limits, clock, { budgets, adaptive: configuration.limits.adaptive });
  const before = [...justLeft(inHand.lostCalls), ...ages];
  gate.fillWith(before);
  return gate;
}

/** Ages of lost calls: only the latest possible moment of one is known, so it counts as sent now. */
export function justLeft(lostCalls: number): number[] {
  return Array.from({ length: lostCalls }, () => 0);
}

/** Limits a run waits for; a day's is counted instead. Of a day's calls alone all may leave at once. */
function windowsOf(rates: readonly RateLimit[]): readonly { count: number; windowMs: number }[] {
  const windows = rates.filter(({ unit }) => unit !== 'day');
  return windows.length > 0 ? windows : rates.map(({ count }) => ({ count, windowMs: 1_000 }));
}

async function openBudgets(environment: RunEnvironment, inHand: RunInHand): Promise<CallBudget[]> {
  const { limits } = environment.configuration;
  const day = limits.rates.find(({ unit }) => unit === 'day');
  return [
    ...(day === undefined ? [] : [await openDay(environment, inHand, day)]),
    ...(limits.maxCalls === null ? [] : [await openNight(environment, inHand, limits.maxCalls)]),
  ];
}

/** The calendar day is the job's; the calls are the provider's, whichever job made them. */
async function openDay(
  { ledger, clock, configuration: { timeZone } }: RunEnvironment,
  { run }: RunInHand,
  limit: RateLimit,
): Promise<CallBudget> {
  return createCallBudget({
    most: limit.count,
    counted: await countCallsSince(ledger, run.provider, startOfDay(clock.now(), timeZone)),
    endOf: (now) => startOfNextDay(now, timeZone),
    clock,
    sentence: (made, own) => {
      const now = clock.now();
      const next = untilWords(now, startOfNextDay(now, timeZone));
      return `the day's ${formatRate(limit)} are used up: ${made} calls were made on ${dayOf(now, timeZone)}, ${own} of them by this run; the next day begins ${next} (${timeZone})`;
    },
  });
}

/** A run's calls belong to the night it began or went on in, also those after the next noon. */
async function openNight(
  { ledger, clock, configuration: { timeZone } }: RunEnvironment,
  { run }: RunInHand,
  maxCalls: number,
): Promise<CallBudget> {
  const night = nightOf(clock.now(), timeZone);
  return createCallBudget({
    most: maxCalls,
    counted: await countCallsOfNight(ledger, run.run_no),
    endOf: null,
    clock,
    sentence: (made, own) => {
      const next = untilWords(clock.now(), startOfNextNight(clock.now(), timeZone));
      return `limits.maxCalls ${maxCalls} is used up: ${made} calls were made in the night of ${night}, ${own} of them by this run; the next night begins ${next} (${timeZone})`;
    },
  });
}

function untilWords(now: Date, then: Date): string {
  const minutes = Math.ceil((then.getTime() - now.getTime()) / 60_000);
  return `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
