import type { CallClass } from '../domain/class.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunSignals } from '../domain/run-signals.ts';
import type { Outcome } from '../domain/outcome.ts';
import { classifyReply, type OutcomeRules } from '../konaplate/outcome-rules.ts';
import type { PreparedCall, ProviderClient, SentCall } from '../konaplate/provider-client.ts';
import type { SendingMark } from '../ledger/claiming.ts';
import type { RecordedCall } from '../ledger/outcome-recording.ts';
import type { Permit, PermitGate } from './permit-gate.ts';
import { decideNextStep, type NextStep, type RetryRules } from './retry-decision.ts';
import type { SetWriter } from './set-writer.ts';
import type { Work } from './work-queue.ts';

/** What one record's way needs; handed down, so that each part can be another in a test. */
export interface CallTools {
  readonly client: ProviderClient;
  readonly rules: OutcomeRules;
  readonly retry: RetryRules;
  readonly gate: PermitGate;
  readonly correlationNumbers: { next(): Promise<number> };
  readonly marks: SetWriter<SendingMark>;
  readonly unmarks: SetWriter<string>;
  readonly records: SetWriter<RecordedCall>;
  /** False while somebody may have taken the job over: nothing may be sent. */
  readonly isLeaseFresh: () => boolean;
  readonly clock: Clock;
  readonly signals: RunSignals;
  /** 0 up to 1. */
  readonly chance: () => number;
}

export type CallEnd =
  /** Taken back before its bytes left: the record is as it was. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'called'; readonly sent: SentCall; readonly outcome: Outcome; readonly step: NextStep };

/**
 * One call for one record, inside its slot: prepare, commit `sending`, take the permit, send, judge, record.
 * Resolves when the outcome is durable. Rejects only when the ledger fails or the run was overtaken.
 * `stopping` withdraws a call that has no permit yet; one that has left is always brought to its end.
 */
export async function callRecord(tools: CallTools, work: Work, stopping: AbortSignal): Promise<CallEnd> {
  const { record } = work;
  const call = await tools.client.prepareRegistration(record, await tools.correlationNumbers.next());
  await tools.marks.add({
    recordNo: record.recordNo,
    correlationId: call.correlationId,
    at: call.preparedAt,
  });
  tools.signals.reached('sending_committed');
  const permit = await takePermit(tools, stopping);
  if (permit === null) {
    await tools.unmarks.add(record.recordNo);
    return { kind: 'withdrawn' };
  }
  const sent = await send(tools, call, permit);
  const outcome = classifyReply(sent.reply, { unansweredBefore: work.unanswered }, tools.rules);
  const paid = work.paid + (outcome.kind === 'throttled' ? 0 : 1);
  const step = decideNextStep(outcome, paid, tools.retry, tools.chance());
  await tools.records.add({
    recordNo: record.recordNo,
    rowNo: record.rowNo,
    correlationId: call.correlationId,
    sentAt: sent.sentAt ?? call.preparedAt,
    latencyMs: sent.latencyMs,
    reply: sent.reply,
    outcome: recordedOutcome(step),
    settled: step.kind === 'final',
  });
  tools.signals.reached('recorded');
  return { kind: 'called', sent, outcome, step };
}

async function takePermit(tools: CallTools, stopping: AbortSignal): Promise<Permit | null> {
  const permit = await tools.gate.take(stopping);
  if (permit === null || tools.isLeaseFresh()) return permit;
  permit.giveBack();
  return null;
}

async function send(tools: CallTools, call: PreparedCall, permit: Permit): Promise<SentCall> {
  const sent = await tools.client.send(call, {
    bytesLeft: () => {
      permit.left();
      tools.signals.reached('bytes_left');
    },
    answered: () => {
      tools.signals.reached('answered');
    },
  });
  permit.finish();
  return sent;
}

function recordedOutcome(step: NextStep): CallClass | 'stop_run' {
  return step.kind === 'stop_run' ? 'stop_run' : step.class;
}
