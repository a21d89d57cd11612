import type { Outcome, Reply } from '../domain/outcome.ts';
import type { PlansFinding } from '../konaplate/plans-inquiry.ts';

const SILENT_CALLS = 20;
const ONLY_THROTTLED_MS = 10 * 60 * 1000;

/** Watches the order in which calls end. */
export interface AvailabilityWatch {
  /** A sentence when the provider counts as unavailable, else null. `at`: monotonic milliseconds. */
  note(reply: Reply, judged: Outcome | PlansFinding, at: number): string | null;
  /**
   * The same when no call is left to make. A list may be too short for 20 calls in a row: nobody was there when not
   * one call could even be sent. A record that is sent and never answered is ambiguous and no proof of that.
   */
  atEnd(): string | null;
}

/**
 * 20 calls in a row without an answer, or 10 minutes of nothing but 429. A 5xx is no answer, and neither is one that
 * can't be read: a provider that encrypts for another key than ours must not be asked a million times.
 */
export function createAvailabilityWatch(): AvailabilityWatch {
  let silent = 0;
  let throttledSince: number | null = null;
  let calls = 0;
  let hasSent = false;
  let lastSilence = '';
  return {
    note: (reply, judged, at) => {
      const isThrottled = judged.kind === 'throttled';
      const isUnread = reply.kind === 'answered' && reply.code === null && !isThrottled;
      const isSilent = reply.kind !== 'answered' || reply.httpStatus >= 500 || isUnread;
      silent = isSilent ? silent + 1 : 0;
      hasSent ||= reply.kind !== 'not_sent';
      calls += 1;
      lastSilence = lastOf(reply);
      if (!isThrottled) throttledSince = null;
      else throttledSince ??= at;
      if (silent >= SILENT_CALLS)
        return `the provider has given no answer we can read to ${silent} calls in a row (last: ${lastSilence})`;
      if (throttledSince !== null && at - throttledSince >= ONLY_THROTTLED_MS) {
        return 'the provider has answered nothing but 429 (too many requests) for 10 minutes';
      }
      return null;
    },
    atEnd: () =>
      hasSent || calls === 0 ? null : `none of ${calls} calls could be sent (last: ${lastSilence})`,
  };
}

function lastOf(reply: Reply): string {
  if (reply.kind !== 'answered') return reply.error;
  return reply.unread === null ? `HTTP ${reply.httpStatus}` : `HTTP ${reply.httpStatus}; ${reply.unread}`;
}
