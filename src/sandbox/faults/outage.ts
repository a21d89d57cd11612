import type { FaultPlan, Maintenance } from './fault-plan.ts';
import { writeTimeOfDay } from '../provider/request-times.ts';

/** What is the matter with the whole provider, whatever a call says. */
export type Outage = 'maintenance' | 'revoked';

/** `callNo` is the call's number in order of arrival, from 1. */
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
