import type { CallKind, Outcome, Reply } from '../../domain/outcome.ts';
import { classifyReply, isGivenByJobFile, type OutcomeRules } from '../../konaplate/outcome-rules.ts';
import { judgePlans, type PlansFinding } from '../../konaplate/plans-inquiry.ts';
import type { PreparedCall, SentCall } from '../../konaplate/provider-client.ts';
import type { SendingMark } from '../../ledger/runs/marking.ts';
import type { RecordedCall } from '../../ledger/runs/outcome-recording.ts';
import type { CallEnd } from './call-end.ts';
import type { DoorWatch } from './door-watch.ts';
import { placeCall, type PlacingTools } from './place-call.ts';
import { decideAfterInquiry, decideNextStep, type NextStep, type RetryRules } from './retry-decision.ts';
import type { WallSteps } from '../progress/wall-steps.ts';
import type { SetWriter } from './set-writer.ts';
import type { HeldCall, LateEnd, SetupTrust } from './setup-trust.ts';
import type { Task } from './task.ts';

/** What it takes to call one record. */
export interface CallTools extends PlacingTools {
  readonly rules: OutcomeRules;
  readonly retry: RetryRules;
  readonly correlationNumbers: { next(): Promise<number> };
  /** Answers whether the record is this run's to call. */
  readonly marks: SetWriter<SendingMark, boolean>;
  readonly unmarks: SetWriter<string>;
  readonly records: SetWriter<RecordedCall>;
  /** Writes held calls that a proof has made bad_data. */
  readonly proved: SetWriter<HeldCall>;
  readonly trust: SetupTrust;
  readonly door: DoorWatch;
  readonly wallSteps: WallSteps;
  /** 0 up to 1. */
  readonly chance: () => number;
}

/** With the task that comes again. */
export type RecordStep =
  | Exclude<NextStep, { readonly kind: 'again' | 'last' }>
  | (Extract<NextStep, { readonly kind: 'again' | 'last' }> & { readonly item: Task });

/**
 * Makes one call for one record, inside its slot: prepares it, commits `sending`, takes the permit, sends, and judges.
 * Resolves with the answer, whose outcome the caller has still to record. Calling and recording reject only when the
 * ledger fails or the run was overtaken.
 */
export async function callRecord(
  tools: CallTools,
  task: Task,
  stopping: AbortSignal,
): Promise<CallEnd<RecordStep>> {
  const { recordNo, rowNo } = task.record;
  const kind: CallKind = task.inquiry === null ? 'register' : 'plans';
  let steadyAt: Date | null = null;
  const placed = await placeCall(
    tools,
    {
      prepare: async () => await prepare(tools, task),
      mark: async ({ correlationId, preparedAt }) =>
        await tools.marks.add({ recordNo, call: kind, correlationId, at: preparedAt }),
      unmark: async () => {
        await tools.unmarks.add(recordNo);
      },
      left: () => {
        steadyAt = tools.wallSteps.steady(tools.clock.now());
      },
    },
    stopping,
  );
  if (placed.kind !== 'sent') return { kind: placed.kind };
  const { call, sent } = placed;
  const { correlationId } = call;
  const { reply, judged, step, finding } = judge(tools, task, sent);
  const outcome: RecordedCall = {
    recordNo,
    rowNo,
    call: kind,
    correlationId,
    sentAt: sent.sentAt ?? call.preparedAt,
    steadyAt,
    latencyMs: sent.latencyMs,
    reply,
    finding,
    outcome: recordedOutcome(step),
    settled: step.kind === 'final',
    isGivenByJobFile: kind === 'register' && isGivenByJobFile(sent.reply, tools.rules),
    otherCorrelationId: sent.otherCorrelationId,
  };
  const answer = { sent, judged, step: withNextTask(task, judged, step) };
  return {
    ...answer,
    kind: 'answered',
    record: async () => ({ ...answer, ...(await recordOutcome(tools, outcome, answer.step)) }),
  };
}

/** Decides the step once the outcome is durable. What another call has proved meanwhile may have ended the record. */
async function recordOutcome(
  tools: CallTools,
  outcome: RecordedCall,
  step: RecordStep,
): Promise<{ readonly step: RecordStep; readonly late: readonly LateEnd[] }> {
  const { recordNo, correlationId } = outcome;
  await tools.records.add(outcome);
  tools.signals.reached('recorded');
  if (step.kind === 'held') tools.trust.hold({ recordNo, correlationId });
  const provedCalls = tools.trust.takeProved();
  const ends = provedCalls.length === 0 ? [] : await settleProved(tools, provedCalls);
  const own = ends.find((end) => end.recordNo === recordNo);
  return {
    step: own === undefined ? step : { kind: 'final', class: own.class },
    late: ends.filter((end) => end !== own),
  };
}

/** Makes held answers bad_data, since our set-up is proved by now. Their attempts decide; no call is made. */
async function settleProved({ proved }: CallTools, calls: readonly HeldCall[]): Promise<readonly LateEnd[]> {
  await Promise.all(calls.map(async (call) => await proved.add(call)));
  return calls.map(({ recordNo }) => ({ recordNo, class: 'bad_data' }));
}

async function prepare(tools: CallTools, { record, inquiry }: Task): Promise<PreparedCall> {
  const number = await tools.correlationNumbers.next();
  return inquiry === null
    ? await tools.client.prepareRegistration(record, number)
    : await tools.client.prepareInquiry(record.userId, number);
}

interface Judged {
  /** As it is kept. */
  readonly reply: Reply;
  readonly judged: Outcome | PlansFinding;
  readonly step: NextStep;
  /** What it means, in words of ours; null where the provider's own are shown. */
  readonly finding: string | null;
}

function judge(tools: CallTools, task: Task, sent: SentCall): Judged {
  const { record, inquiry, unanswered } = task;
  const { reply } = sent;
  if (inquiry !== null) {
    const judged = judgePlans(reply, sent.pars, record.par, tools.rules);
    const asked = { inquiry, paid: task.paid, unanswered };
    const step = decideAfterInquiry(judged, asked, tools.retry, tools.chance());
    return { reply, judged, step, finding: wordsOf(judged) };
  }
  tools.trust.observe(reply);
  const context = { unansweredBefore: unanswered, setup: tools.trust.setup };
  const judged = classifyReply(reply, context, tools.rules);
  if (judged.kind === 'stop_run' && judged.by === 'door') return judgeRefusal(tools, task, reply, judged);
  if (isOfProvider(reply)) tools.door.noteAnswer();
  if (judged.kind === 'settled' && judged.class === 'unknown_code') tools.trust.noteUnknownCode();
  const paid = task.paid + (judged.kind === 'throttled' ? 0 : 1);
  return { reply, judged, step: decideNextStep(judged, paid, tools.retry, tools.chance()), finding: null };
}

function isOfProvider(reply: Reply): boolean {
  return (
    reply.kind === 'answered' && reply.code !== null && reply.httpStatus < 500 && reply.httpStatus !== 429
  );
}

/** Judges a call that a gateway or firewall refused: it may refuse all calls, or only this record's. */
function judgeRefusal(
  { door, trust }: CallTools,
  { record }: Task,
  reply: Reply,
  judged: Extract<Outcome, { readonly kind: 'stop_run' }>,
): Judged {
  switch (door.judge(record.recordNo, trust.isProved, record.wasRefused)) {
    case 'stop':
      return { reply, judged, step: judged, finding: null };
    case 'waits':
      return { reply, judged, step: { kind: 'last' }, finding: null };
    case 'parked':
      return {
        ...asRefused(reply),
        judged: { kind: 'settled', class: 'unknown_code' },
        step: { kind: 'final', class: 'unknown_code' },
      };
  }
}

/** Leaves the code empty: a code would ask for a developer, and this is for operations. */
function asRefused(reply: Reply): Pick<Judged, 'reply' | 'finding'> {
  if (reply.kind !== 'answered') return { reply, finding: null };
  const words = `refused before the provider: HTTP ${reply.httpStatus}`;
  const finding = reply.message === null ? words : `${words} (${reply.message})`;
  return { reply: { ...reply, code: null, unread: words }, finding };
}

function withNextTask(task: Task, judged: Outcome | PlansFinding, step: NextStep): RecordStep {
  if (step.kind === 'last') return { ...step, item: task };
  return step.kind === 'again' ? { ...step, item: nextTask(task, judged.kind === 'throttled', step) } : step;
}

/** Counts nothing for an inquiry, even an unanswered one, because it changes nothing at the provider. */
function nextTask(task: Task, wasFree: boolean, step: Extract<NextStep, { kind: 'again' }>): Task {
  const { record, paid, unanswered, inquiry } = task;
  if (inquiry !== null) return { record, paid, unanswered, inquiry: step.inquiry };
  return {
    record,
    paid: paid + (wasFree ? 0 : 1),
    unanswered: unanswered + (step.class === 'ambiguous' ? 1 : 0),
    inquiry: step.inquiry,
  };
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

function recordedOutcome(step: NextStep): RecordedCall['outcome'] {
  switch (step.kind) {
    case 'final':
    case 'again':
      return step.class;
    case 'last':
    case 'stop_run':
      return 'stop_run';
    case 'held':
      return 'held';
  }
}
