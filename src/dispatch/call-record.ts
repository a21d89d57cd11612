import type { CallClass } from '../domain/class.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunSignals } from '../domain/run-signals.ts';
import type { CallKind, Outcome } from '../domain/outcome.ts';
import { classifyReply, type OutcomeRules } from '../konaplate/outcome-rules.ts';
import { judgePlans, type PlansFinding } from '../konaplate/plans-inquiry.ts';
import type { PreparedCall, ProviderClient, SentCall } from '../konaplate/provider-client.ts';
import type { SendingMark } from '../ledger/claiming.ts';
import type { RecordedCall } from '../ledger/outcome-recording.ts';
import { verdictOf } from './call-verdict.ts';
import type { Permit, PermitGate } from './permit-gate.ts';
import { decideAfterInquiry, decideNextStep, type NextStep, type RetryRules } from './retry-decision.ts';
import type { CallWindows } from './windows.ts';
import type { SetWriter } from './set-writer.ts';
import type { Work } from './work-queue.ts';

/**
 * How old the time in a signed call may be when it leaves. Providers refuse what is minutes old, and 401 stops a run;
 * with a rate of few calls a minute, or a database that is away, a call waits longer than that for its turn.
 */
const SIGNED_FOR_MS = 60_000;

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
  /** Asked for with each permit: in a blackout nothing may be sent, however late its timer is. */
  readonly windows: CallWindows;
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
  | {
      readonly kind: 'called';
      readonly sent: SentCall;
      readonly judged: Outcome | PlansFinding;
      readonly step: NextStep;
    };

/**
 * One call for one record, inside its slot: prepare, commit `sending`, take the permit, send, judge, record.
 * Resolves when the outcome is durable. Rejects only when the ledger fails or the run was overtaken.
 * `stopping` withdraws a call that has no permit yet; one that has left is always brought to its end.
 */
export async function callRecord(tools: CallTools, work: Work, stopping: AbortSignal): Promise<CallEnd> {
  const { recordNo, rowNo } = work.record;
  const kind: CallKind = work.inquiry === null ? 'register' : 'plans';
  const call = await prepare(tools, work);
  const { correlationId } = call;
  await tools.marks.add({ recordNo, call: kind, correlationId, at: call.preparedAt });
  tools.signals.reached('sending_committed');
  const permit = await takePermit(tools, call, stopping);
  if (permit === null) {
    await tools.unmarks.add(recordNo);
    return { kind: 'withdrawn' };
  }
  const sent = await send(tools, call, permit);
  const { judged, step, finding } = judge(tools, work, sent);
  await tools.records.add({
    recordNo,
    rowNo,
    call: kind,
    correlationId,
    sentAt: sent.sentAt ?? call.preparedAt,
    latencyMs: sent.latencyMs,
    reply: sent.reply,
    finding,
    outcome: recordedOutcome(step),
    settled: step.kind === 'final',
  });
  tools.signals.reached('recorded');
  return { kind: 'called', sent, judged, step };
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
  const judged = classifyReply(sent.reply, { unansweredBefore: unanswered }, tools.rules);
  const paid = work.paid + (judged.kind === 'throttled' ? 0 : 1);
  return { judged, step: decideNextStep(judged, paid, tools.retry, tools.chance()), finding: null };
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

/** Also null for a call that has waited too long since it was signed: it is prepared again. */
async function takePermit(
  { gate, clock, windows, isLeaseFresh }: CallTools,
  call: PreparedCall,
  stopping: AbortSignal,
): Promise<Permit | null> {
  const permit = await gate.take(stopping);
  if (permit === null) return null;
  const now = clock.now();
  // Also where the clock was put back: the time signed lies in the future then.
  const isSignedNow = Math.abs(now.getTime() - call.preparedAt.getTime()) <= SIGNED_FOR_MS;
  if (isSignedNow && isLeaseFresh() && windows.closedUntil(now) === null) return permit;
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
  permit.finish(verdictOf(sent.reply));
  return sent;
}

function recordedOutcome(step: NextStep): CallClass | 'stop_run' {
  return step.kind === 'stop_run' ? 'stop_run' : step.class;
}
