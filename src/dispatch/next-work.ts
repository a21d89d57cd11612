import type { NextStep } from './call/retry-decision.ts';
import type { Work } from './work-queue.ts';

/** An inquiry costs no attempt, and its silence no answer: it changed nothing. */
export function nextWork(work: Work, wasFree: boolean, step: Extract<NextStep, { kind: 'again' }>): Work {
  const { record, paid, unanswered, inquiry } = work;
  if (inquiry !== null) return { record, paid, unanswered, inquiry: step.inquiry };
  return {
    record,
    paid: paid + (wasFree ? 0 : 1),
    unanswered: unanswered + (step.class === 'ambiguous' ? 1 : 0),
    inquiry: step.inquiry,
  };
}
