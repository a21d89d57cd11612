import type { Reply } from '../../domain/outcome.ts';

/** What a call that is over says of the provider. */
export type CallVerdict =
  | 'sound'
  /** 5xx or no answer. */
  | 'fault'
  /** 429. */
  | 'throttled'
  /** Surely nothing left. */
  | 'not_sent';

export function verdictOf(reply: Reply): CallVerdict {
  if (reply.kind === 'not_sent') return 'not_sent';
  if (reply.httpStatus === 429) return 'throttled';
  return reply.kind === 'no_answer' || reply.httpStatus >= 500 ? 'fault' : 'sound';
}
