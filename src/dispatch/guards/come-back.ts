import type { Reply } from '../../domain/outcome.ts';
import type { StopTime } from '../windows/call-hours.ts';
import type { StopReason } from './stop-reason.ts';

/** Whoever asks for more than this is waited for only within a night that says when it ends. */
const ALWAYS_WAITED_MS = 10 * 60 * 1000;

export type ComeBack =
  | { readonly kind: 'now' }
  /** How long all calls wait. */
  | { readonly kind: 'pause'; readonly pauseMs: number }
  | { readonly kind: 'stop'; readonly reason: StopReason };

/**
 * Decides what an answer's Retry-After asks of all calls. Only 429 and 503 mean it; an answer whose body broke off
 * counts too. A pause of up to ten minutes is always waited. A longer one, such as a maintenance with an announced end,
 * is waited where windows.stopAt comes after it. Otherwise the run ends now, because every call until then would be
 * refused, and the next start goes on.
 */
export function readComeBack(reply: Reply, now: Date, stopAt: StopTime | null): ComeBack {
  if (reply.kind === 'not_sent' || (reply.httpStatus !== 429 && reply.httpStatus !== 503))
    return { kind: 'now' };
  const { httpStatus, retryAfterMs = null } = reply;
  if (retryAfterMs === null || retryAfterMs === 0) return { kind: 'now' };
  const until = new Date(now.getTime() + retryAfterMs);
  if (retryAfterMs <= ALWAYS_WAITED_MS || (stopAt !== null && until < stopAt.at)) {
    return { kind: 'pause', pauseMs: retryAfterMs };
  }
  const why =
    stopAt === null
      ? 'without windows.stopAt a run waits 10 minutes at most'
      : 'windows.stopAt comes before that';
  const sentence = `The provider answered HTTP ${httpStatus} and asks us to come back at ${until.toISOString().slice(0, 16)}Z (Retry-After); ${why}.`;
  const cause = httpStatus === 429 ? 'throttled' : 'provider_silent';
  return { kind: 'stop', reason: { kind: 'provider', cause, sentence } };
}
