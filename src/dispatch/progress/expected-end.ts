import { timeAtRates } from '../../config/job-file/rate-limit.ts';
import type { CallHours } from '../windows/call-hours.ts';

/** When the calls of a run are expected to end. */
export type ExpectedEnd =
  | { readonly kind: 'done'; readonly at: Date }
  /** `windows.stopAt` comes before the last call, and so many records will be left. */
  | { readonly kind: 'stopped'; readonly at: Date; readonly left: number };

export interface CallsAhead {
  /** Records that have no class yet. */
  readonly left: number;
  /** Calls for each record that was finished so far; null: calls were made, and no record is finished. */
  readonly callsPerRecord: number | null;
  /** Null: not known yet, so the limit is taken. */
  readonly usualPerSecond: number | null;
  readonly rates: readonly { readonly count: number; readonly windowMs: number }[];
  /** Null: no pause is under way. */
  readonly pausedUntil: Date | null;
  readonly stopAt: Date | null;
  readonly hours: Pick<CallHours, 'after' | 'openTime'>;
}

/** Computes the end with pauses, blackouts and stopAt. Null where no call ends, so that nobody can tell. */
export function expectEnd(ahead: CallsAhead, now: Date): ExpectedEnd | null {
  const { left, callsPerRecord, pausedUntil, stopAt, hours } = ahead;
  const begin = pausedUntil !== null && pausedUntil > now ? pausedUntil : now;
  const openMs =
    callsPerRecord === null && left > 0 ? Infinity : timeFor(left * Math.max(1, callsPerRecord ?? 1), ahead);
  const end = openMs === Infinity ? null : hours.after(begin, openMs);
  if (stopAt === null || (end !== null && end <= stopAt))
    return end === null ? null : { kind: 'done', at: end };
  const share = openMs === Infinity ? 0 : hours.openTime(begin, stopAt) / openMs;
  return { kind: 'stopped', at: stopAt, left: Math.ceil(left * (1 - Math.min(1, Math.max(0, share)))) };
}

/** Uses the recent speed, which shows whatever is slower than the limit, and never more than the limit. */
function timeFor(calls: number, { usualPerSecond, rates }: CallsAhead): number {
  if (calls === 0) return 0;
  const atSpeed = usualPerSecond === null ? 0 : (calls * 1_000) / usualPerSecond;
  return Math.max(atSpeed, timeAtRates(calls, rates));
}
