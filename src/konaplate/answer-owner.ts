import type { Reply } from '../domain/outcome.ts';
import { isReadByCode } from './outcome-rules.ts';
import type { ResponseHeaders } from './response-headers.ts';
import { cleanUntrustedText } from '../domain/untrusted-text.ts';

/**
 * `check`: an answer must carry the correlation id of its call. `ignore`: a gateway on the way writes its own ids.
 */
export type CorrelationEcho = 'check' | 'ignore';

/** What an answer says about the call it belongs to. */
export interface AnswerOwner {
  /** unasked: the answer is read by its status, which gateways also produce, or the check is off. */
  readonly echo: 'ours' | 'missing' | 'other' | 'unasked';
  /** The answer's correlation id where it differs from the one we sent; null where it is equal or missing. */
  readonly otherCorrelationId: string | null;
}

const MAX_ID_LENGTH = 100;

/**
 * Returns the distinct ids of an answer, without letter case and blanks. An id repeated with the same value counts
 * once.
 */
export function readAnswerIds(headers: ResponseHeaders): readonly string[] {
  const given = headers['x-km-correlation-id'];
  if (given === undefined) return [];
  const written = [given].flat().flatMap((value) => value.split(','));
  return [...new Set(written.map(plainId).filter((id) => id !== ''))];
}

function plainId(id: string): string {
  return id.replaceAll(/\s/g, '').toLowerCase();
}

/** Returns whether the answer carries ids, but not only ours. */
export function isOfOtherCall(answerIds: readonly string[], correlationId: string): boolean {
  return answerIds.some((id) => id !== plainId(correlationId));
}

/** Returns whether the answer's owner is checked: only where the answer's code decides. */
function isOwnerAsked(reply: Reply, echo: CorrelationEcho): boolean {
  return (
    echo === 'check' && reply.kind === 'answered' && reply.code !== null && isReadByCode(reply.httpStatus)
  );
}

export function ownerOf(
  reply: Reply,
  answerIds: readonly string[],
  { correlationId, echo }: { readonly correlationId: string; readonly echo: CorrelationEcho },
): AnswerOwner {
  const isOther = isOfOtherCall(answerIds, correlationId);
  const otherCorrelationId = isOther ? cleanUntrustedText(answerIds.join(', '), MAX_ID_LENGTH) : null;
  if (!isOwnerAsked(reply, echo)) return { echo: 'unasked', otherCorrelationId };
  if (answerIds.length === 0) return { echo: 'missing', otherCorrelationId };
  return { echo: isOther ? 'other' : 'ours', otherCorrelationId };
}

/**
 * Treats an answer to another call as no answer to this one, which may have taken effect. Nothing of its body is
 * kept.
 */
export function withoutForeignAnswer(reply: Reply, owner: AnswerOwner): Reply {
  if (owner.echo !== 'other' || reply.kind !== 'answered') return reply;
  const error = `the answer belongs to another call: its X-KM-Correlation-Id is ${owner.otherCorrelationId ?? ''}`;
  return { kind: 'no_answer', httpStatus: reply.httpStatus, error };
}
