import { randomBytes, randomUUID } from 'node:crypto';
import type { Fault } from '../faults/fault.ts';
import { writeTranTime } from './request-times.ts';

/** Whose correlation ids answers carry. The page says those of their calls (`echoed`). */
export const correlationIdHabits = ['echoed', 'own-on-refusals', 'own', 'missing'] as const;
export type CorrelationIdHabit = (typeof correlationIdHabits)[number];

export interface AnswerToName {
  /** The id that the call sent; null where none of the right form came. */
  readonly asked: string | null;
  readonly status: number;
  readonly fault: Fault | null;
  readonly habit: CorrelationIdHabit;
  readonly now: Date;
}

/**
 * Returns the X-KM-Correlation-Id of an answer, or null for none. A gateway that writes its own ids uses its own
 * form; an answer that belongs to another call carries an id of the platform's form.
 */
export function nameAnswer({ asked, status, fault, habit, now }: AnswerToName): string | null {
  if (fault?.kind === 'disguised' && fault.as === 'no-id') return null;
  if (fault?.kind === 'disguised' && fault.as === 'other-id') return makeCorrelationId(now);
  switch (habit) {
    case 'echoed':
      return asked;
    case 'own-on-refusals':
      return isOfGateway(status) ? randomUUID() : asked;
    case 'own':
      return randomUUID();
    case 'missing':
      return null;
  }
}

/**
 * Returns a correlation id of the platform's form that no call has sent, except with a chance of one in 268 million.
 */
export function makeCorrelationId(now: Date): string {
  return `${writeTranTime(now, 'KST').slice(2)}-${randomBytes(4).toString('hex').slice(1)}`;
}

/**
 * Returns whether the platform itself never sees such an answer: an early refusal, too many calls, a broken back end.
 */
function isOfGateway(status: number): boolean {
  return status >= 500 || [401, 403, 404, 405, 429].includes(status);
}
