import type { CallClass } from '../../domain/class.ts';
import type { CallKind, Outcome } from '../../domain/outcome.ts';
import { classifyReply, type OutcomeRules } from '../../konaplate/outcome-rules.ts';
import { judgePlans, type PlansFinding } from '../../konaplate/plans-inquiry.ts';
import type { PreparedCall, SentCall } from '../../konaplate/provider-client.ts';
import type { SendingMark } from '../../ledger/runs/claiming.ts';
import type { RecordedCall } from '../../ledger/runs/outcome-recording.ts';
import type { CallEnd } from './call-end.ts';
import { nextWork } from '../next-work.ts';
import { placeCall, type PlacingTools } from './place-call.ts';
import { decideAfterInquiry, decideNextStep, type NextStep, type RetryRules } from './retry-decision.ts';
import type { SetWriter } from './set-writer.ts';
import type { Work } from '../work-queue.ts';

/** What one record's way needs. */
export interface CallTools extends PlacingTools {
  readonly rules: OutcomeRules;
  readonly retry: RetryRules;
  readonly correlationNumbers: { next(): Promise<number> };
  readonly marks: SetWriter<SendingMark>;
  readonly unmarks: SetWriter<string>;
  readonly records: SetWriter<RecordedCall>;
  /** 0 up to 1. */
  readonly chance: () => number;
}

/** With the work that comes again. */
export type RecordStep =
  | Exclude<NextStep, { readonly kind: 'again' }>
  | (Extract<NextStep, { readonly kind: 'again' }> & { readonly item: Work });

/**
 * One call for one record, inside its slot: prepare, commit `sending`, take the permit, send, judge, record.
 * Resolves when the outcome is durable. Rejects only when the ledger fails or the run was overtaken.
 */
export async function callRecord(
  tools: CallTools,
  work: Work,
  stopping: AbortSignal,
): Promise<CallEnd<RecordStep>> {
  const { recordNo, rowNo } = work.record;
  const kind: CallKind = work.inquiry === null ? 'register' : 'plans';
  const placed = await placeCall(
    tools,
    {
      prepare: async () => await prepare(tools, work),
      mark: async ({ correlationId, preparedAt }) => {
        await tools.marks.add({ recordNo, call: kind, correlationId, at: preparedAt });
      },
      unmark: async () => {
        await tools.unmarks.add(recordNo);
      },
    },
    stopping,
  );
  if (placed === null) return { kind: 'withdrawn' };
  const { call, sent } = placed;
  const { judged, step, finding } = judge(tools, work, sent);
  await tools.records.add({
    recordNo,
    rowNo,
    call: kind,
    correlationId: call.correlationId,
    sentAt: sent.sentAt ?? call.preparedAt,
    latencyMs: sent.latencyMs,
    reply: sent.reply,
    finding,
    outcome: recordedOutcome(step),
    settled: step.kind === 'final',
  });
  tools.signals.reached('recorded');
  return { kind: 'called', sent, judged, step: withNextWork(work, judged, step) };
}

async function prepare(tools: CallTools, { record, inquiry }: Work): Promise<PreparedCall> {
  const number = await tools.correlationNumbers.next();
  return inquiry === null
    ? await tools.client.prepareRegistration(record, number)
    : await tools.client.prepareInquiry(record.userId, number);
}

interface Judged {
  readonly judged: Outcome | PlansFinding;
  readonly step: NextStep;
  /** What an inquiry found, in words. */
  readonly finding: string | null;
}

function judge(tools: CallTools, work: Work, sent: SentCall): Judged {
  const { record, inquiry, unanswered } = work;
  if (inquiry !== null) {
    const judged = judgePlans(sent.reply, sent.pars, record.par, tools.rules);
    const asked = { inquiry, paid: work.paid, unanswered };
    const step = decideAfterInquiry(judged, asked, tools.retry, tools.chance());
    return { judged, step, finding: wordsOf(judged) };
  }
  const judged = classifyReply(sent.reply, { unansweredBefore: unanswered, setup: 'proved' }, tools.rules);
  const paid = work.paid + (judged.kind === 'throttled' ? 0 : 1);
  return { judged, step: decideNextStep(judged, paid, tools.retry, tools.chance()), finding: null };
}

function withNextWork(work: Work, judged: Outcome | PlansFinding, step: NextStep): RecordStep {
  return step.kind === 'again' ? { ...step, item: nextWork(work, judged.kind === 'throttled', step) } : step;
}

function wordsOf(finding: PlansFinding): string | null {
  switch (finding.kind) {
    case 'found':
      return "found among the member's active plans";
    case 'not_found':
      return "not among the member's active plans";
    case 'unclear':
    case 'throttled':
    case 'stop_run':
      return null;
  }
}

function recordedOutcome(step: NextStep): CallClass | 'stop_run' {
  return step.kind === 'stop_run' ? 'stop_run' : step.class;
}
