import type { SentCall } from '../../konaplate/provider-client.ts';

/** What an ended call says about the provider. */
export type CallSign =
  | 'sound'
  /** 5xx or no answer. */
  | 'fault'
  /** No answer in time: a fault, and, where other calls are answered, perhaps a sign of too many calls. */
  | 'timed_out'
  /** The same, on a connection that has answered nothing. */
  | 'unheard'
  /** 503: a fault, and a sign of too many calls at once. */
  | 'overloaded'
  /** 429. */
  | 'throttled'
  /** Surely nothing left: refused, or no connection in time. */
  | 'not_sent';

export function signOf({ reply, waitedOn }: Pick<SentCall, 'reply' | 'waitedOn'>): CallSign {
  if (waitedOn !== null) return waitedOn === 'new_connection' ? 'unheard' : 'timed_out';
  if (reply.kind === 'not_sent') return 'not_sent';
  if (reply.httpStatus === 429) return 'throttled';
  if (reply.httpStatus === 503) return 'overloaded';
  return reply.kind === 'no_answer' || reply.httpStatus >= 500 ? 'fault' : 'sound';
}

/** Tells whether fewer calls at once might have succeeded. */
export function isOverload(sign: CallSign): boolean {
  return sign === 'overloaded' || sign === 'throttled' || sign === 'not_sent';
}
