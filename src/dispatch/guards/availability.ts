import type { ProviderCause } from '../../domain/exit-cause.ts';
import type { Outcome, Reply } from '../../domain/outcome.ts';
import type { PlansAnswer, PlansFinding } from '../../konaplate/plans-inquiry.ts';
import { CircuitBreaker, type BreakerRules } from './circuit-breaker.ts';

const SILENT_CALLS = 20;
/** So many refusals by a certificate or a proxy count; fewer may come from one bad machine among several. */
const SET_UP_FAULTS = 3;
const ONLY_THROTTLED_MS = 10 * 60 * 1000;
/** The slowest rate there is, one call a minute, leaves a minute between two calls. */
const LONGEST_GAP_MS = 2 * 60 * 1000;

/** A call that has ended. */
export interface EndedCall {
  readonly reply: Reply;
  readonly judged: Outcome | PlansFinding | PlansAnswer;
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Begun while `isDoubtful`. */
  readonly isProbe: boolean;
}

export type Availability =
  | { readonly kind: 'there' }
  /** How long all calls wait. */
  | { readonly kind: 'pause'; readonly pauseMs: number }
  | { readonly kind: 'unavailable'; readonly cause: ProviderCause; readonly sentence: string };

/** Watches the order in which calls end. */
export interface AvailabilityWatch {
  /** True after a silence of the provider: only one call at a time may ask whether it is back. */
  readonly isDoubtful: boolean;
  observe(call: EndedCall): Availability;
  /**
   * Returns a sentence where the provider was unavailable and no call is left to make, else null. A list may be too
   * short for 20 calls in a row; then the provider was unavailable where not one call could even be sent. A call that
   * was sent and never answered makes its record ambiguous and proves nothing.
   */
  atEnd(): string | null;
}

/** Time in which calls were throttled, one after the other. */
interface ThrottledTime {
  readonly since: number;
  /** Until then we send nothing because of pauses after a 429. */
  readonly pausedUntil: number;
}

/**
 * Finds the provider unavailable after 20 calls in a row without an answer, or after 10 minutes of nothing but 429. A
 * time in which no call left for another reason, such as a blackout or a lost ledger, says nothing about the provider:
 * the count begins anew. A 5xx is no answer. An answer we can't read is none either, because a provider that encrypts
 * for another key must not be asked a million times. Calls that were in flight when the silence was noticed do not
 * count, because all of them were lost in one moment.
 */
export function createAvailabilityWatch(rules: BreakerRules): AvailabilityWatch {
  const breaker = new CircuitBreaker(rules);
  let silent = 0;
  let setUpFaults = 0;
  let throttled: ThrottledTime | null = null;
  let calls = 0;
  let hasSent = false;
  let lastSilence = '';

  function noteSilence(isProbe: boolean): Availability {
    if (isProbe || !breaker.isOpen) silent += 1;
    const pauseMs = breaker.silence(isProbe);
    if (silent >= SILENT_CALLS || pauseMs === null) {
      const sentence = `the provider has given no answer we can read to ${silent} calls in a row (last: ${lastSilence})`;
      return { kind: 'unavailable', cause: 'provider_silent', sentence };
    }
    return pauseMs === 0 ? { kind: 'there' } : { kind: 'pause', pauseMs };
  }

  /** How long calls have been throttled one after the other, this one included. */
  function noteThrottled(retryAfterMs: number | null, at: number): number {
    const before = throttled !== null && at - throttled.pausedUntil <= LONGEST_GAP_MS ? throttled : null;
    const pausedUntil = at + Math.max(retryAfterMs ?? 0, rules.backoffMinMs);
    // Where the provider named a longer time, we wait for it, and the time of nothing but 429 begins at its end.
    const isNamed = (retryAfterMs ?? 0) > ONLY_THROTTLED_MS;
    throttled = {
      since: isNamed ? pausedUntil : (before?.since ?? at),
      pausedUntil: Math.max(before?.pausedUntil ?? 0, pausedUntil),
    };
    return at - throttled.since;
  }

  return {
    get isDoubtful() {
      return breaker.isOpen;
    },
    observe: ({ reply, judged, at, isProbe }) => {
      hasSent ||= reply.kind !== 'not_sent';
      calls += 1;
      lastSilence = replyWords(reply);
      const throttledMs = judged.kind === 'throttled' ? noteThrottled(judged.retryAfterMs, at) : null;
      if (throttledMs === null) throttled = null;
      const setUpFault = reply.kind === 'not_sent' ? (reply.setUpFault ?? null) : null;
      setUpFaults = setUpFault === null ? 0 : setUpFaults + 1;
      if (setUpFault !== null && setUpFaults >= SET_UP_FAULTS) return { kind: 'unavailable', ...setUpFault };
      if (isSilence(reply, judged)) return noteSilence(isProbe);
      silent = 0;
      breaker.answered();
      if (throttledMs !== null && throttledMs >= ONLY_THROTTLED_MS) {
        const sentence = 'the provider has answered nothing but 429 (too many requests) for 10 minutes';
        return { kind: 'unavailable', cause: 'throttled', sentence };
      }
      return { kind: 'there' };
    },
    atEnd: () =>
      hasSent || calls === 0 ? null : `none of ${calls} calls could be sent (last: ${lastSilence})`,
  };
}

/** A call that was refused before it reached the provider was still answered, by an HTTP status, as with 429. */
function isSilence(reply: Reply, { kind }: EndedCall['judged']): boolean {
  if (reply.kind !== 'answered' || reply.httpStatus >= 500) return true;
  return reply.code === null && kind !== 'throttled' && kind !== 'stop_run' && kind !== 'settled';
}

/** What a person is told of a reply that is no answer. */
export function replyWords(reply: Reply): string {
  if (reply.kind !== 'answered') return reply.error;
  return reply.unread === null ? `HTTP ${reply.httpStatus}` : `HTTP ${reply.httpStatus}; ${reply.unread}`;
}
