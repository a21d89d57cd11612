import { randomBytes, randomUUID } from 'node:crypto';
import type { Fault } from '../faults/fault.ts';
import { writeTranTime } from './request-times.ts';

/** Whose correlation ids answers carry; the page says those of their calls (`echoed`). */
export const correlationIdHabits = ['echoed', 'own-on-refusals', 'own', 'missing'] as const;
export type CorrelationIdHabit = (typeof correlationIdHabits)[number];

export interface AnswerToName {
  /** What the call sent; null where it sent none of the right form. */
  readonly asked: string | null;
  readonly status: number;
  readonly fault: Fault | null;
  readonly habit: CorrelationIdHabit;
  readonly now: Date;
}

/**
 * Returns the X-KM-Correlation-Id of an answer, or null for none. A gateway that writes ids of its own writes them
 * in its own form; an answer that belongs to another call carries an id of the platform's form.
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

/** A correlation id of the platform's form that no call has sent, but for one chance in 268 million. */
export function makeCorrelationId(now: Date): string {
  return `${writeTranTime(now, 'KST').slice(2)}-${randomBytes(4).toString('hex').slice(1)}`;
}

/** Answers that the platform itself never sees: refusals at the door, too many calls, a broken back end. */
function isOfGateway(status: number): boolean {
  return status >= 500 || [401, 403, 404, 405, 429].includes(status);
}
