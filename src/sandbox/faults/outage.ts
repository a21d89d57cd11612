import type { FaultPlan, Maintenance } from './fault-plan.ts';
import { writeTimeOfDay } from '../provider/request-times.ts';

/** A state of the whole provider that decides about every call. */
export type Outage = 'maintenance' | 'revoked';

/** Finds the outage of a call. `callNo` is its number in order of arrival, counted from 1. */
export function findOutage(plan: FaultPlan | undefined, callNo: number, now: Date): Outage | null {
  const isMaintained = plan?.maintenance?.some((window) => isWithin(window, callNo, now)) ?? false;
  if (isMaintained) return 'maintenance';
  const lastCall = plan?.revokedAfterCalls;
  return lastCall !== undefined && callNo > lastCall ? 'revoked' : null;
}

function isWithin(window: Maintenance, callNo: number, now: Date): boolean {
  if ('fromCall' in window) return callNo >= window.fromCall && callNo <= window.toCall;
  const { from, to } = window;
  const time = writeTimeOfDay(now, 'KST');
  return from <= to ? time >= from && time < to : time >= from || time < to;
}
