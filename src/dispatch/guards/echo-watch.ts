import type { AnswerOwner } from '../../konaplate/answer-owner.ts';
import type { StopReason } from './stop-reason.ts';

/** So many answers with other ids are no mix-up of one connection: something between us writes ids of its own. */
const FIRST_ANSWERS = 20;

export type EchoFinding =
  | { readonly kind: 'warn'; readonly sentence: string }
  | { readonly kind: 'stop'; readonly reason: StopReason };

/** Looks at the correlation ids of the answers whose code decides. */
export class EchoWatch {
  private answers = 0;
  private others = 0;
  private hasWarned = false;

  /** Warns once where an answer carries none; stops where the first answers all carry other ids than their calls. */
  observe({ echo, otherCorrelationId }: AnswerOwner): EchoFinding | null {
    if (echo === 'unasked') return null;
    this.answers += 1;
    if (echo === 'other') this.others += 1;
    if (echo === 'other' && this.others === FIRST_ANSWERS && this.answers === FIRST_ANSWERS) {
      const sentence =
        `the first ${FIRST_ANSWERS} answers all carry the X-KM-Correlation-Id of another call (last: ${otherCorrelationId ?? ''}), so none counts as ours; ` +
        'where a gateway on the way writes ids of its own, set provider.correlationEcho: ignore in the job file';
      return { kind: 'stop', reason: { kind: 'provider', cause: 'wrong_setup', sentence } };
    }
    if (echo !== 'missing' || this.hasWarned) return null;
    this.hasWarned = true;
    return {
      kind: 'warn',
      sentence:
        'the answers carry no X-KM-Correlation-Id, which the provider’s page requires: they are believed, and nothing shows that each belongs to its call',
    };
  }
}
