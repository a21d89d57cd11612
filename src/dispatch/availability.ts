import type { Outcome, Reply } from '../domain/outcome.ts';

const SILENT_CALLS = 20;
const ONLY_THROTTLED_MS = 10 * 60 * 1000;

/** Watches the order in which calls end. */
export interface AvailabilityWatch {
  /** A sentence when the provider counts as unavailable, else null. `at`: monotonic milliseconds. */
  note(reply: Reply, outcome: Outcome, at: number): string | null;
  /**
   * The same when no call is left to make. A list may be too short for 20 calls in a row: nobody was there when not
   * one call could even be sent. A record that is sent and never answered is ambiguous and no proof of that.
   */
  atEnd(): string | null;
}

/** 20 calls in a row without an answer (a 5xx is none), or 10 minutes of nothing but 429. */
export function createAvailabilityWatch(): AvailabilityWatch {
  let silent = 0;
  let throttledSince: number | null = null;
  let calls = 0;
  let hasSent = false;
  let lastSilence = '';
  return {
    note: (reply, outcome, at) => {
      const isSilent = reply.kind !== 'answered' || reply.httpStatus >= 500;
      silent = isSilent ? silent + 1 : 0;
      hasSent ||= reply.kind !== 'not_sent';
      calls += 1;
      lastSilence = lastOf(reply);
      if (outcome.kind !== 'throttled') throttledSince = null;
      else throttledSince ??= at;
      if (silent >= SILENT_CALLS)
        return `the provider has not answered ${silent} calls in a row (last: ${lastSilence})`;
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
  return reply.kind === 'answered' ? `HTTP ${reply.httpStatus}` : reply.error;
}
