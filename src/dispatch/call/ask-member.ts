import type { Par } from '../../domain/identity/par.ts';
import type { OutcomeRules } from '../../konaplate/outcome-rules.ts';
import { readPlans, type PlansAnswer } from '../../konaplate/plans-inquiry.ts';
import type { InquiryMark, RecordedInquiry } from '../../ledger/breaks/reconciliation-calls.ts';
import type { DueMember } from '../../ledger/breaks/reconciliation-table.ts';
import { replyWords } from '../guards/availability.ts';
import type { CallEnd, CallStep } from './call-end.ts';
import { placeCall, type PlacingTools } from './place-call.ts';
import type { Weighing } from './record-weighing.ts';
import { backoff, pauseOf, type RetryRules } from './retry-decision.ts';
import type { SetWriter } from './set-writer.ts';

/** A member that this process asks for. */
export interface MemberTask extends DueMember {
  /** Inquiries of this process so far; a throttled one does not count. */
  readonly asked: number;
}

export type AskRules = Omit<RetryRules, 'verify'>;

/** What it takes to ask for one member. */
export interface AskTools extends PlacingTools {
  readonly rules: OutcomeRules;
  readonly retry: AskRules;
  readonly correlationNumbers: { next(): Promise<number> };
  readonly marks: SetWriter<InquiryMark>;
  /** Correlation ids. */
  readonly unmarks: SetWriter<string>;
  readonly records: SetWriter<RecordedInquiry>;
  /** 0 up to 1. */
  readonly chance: () => number;
}

export type AskStep =
  | Exclude<CallStep<MemberTask>, { readonly kind: 'final' | 'last' | 'held' }>
  | { readonly kind: 'final'; readonly class: 'answered' | 'unclear' };

/**
 * One inquiry for one member, inside its slot. It changes nothing at the provider, so one that is lost is asked again;
 * it is marked before it leaves all the same, as it counts against the limits. Resolves with the answer, which is still
 * to be recorded; both reject only when the ledger fails or the job was taken over.
 */
export async function askMember(
  tools: AskTools,
  task: MemberTask,
  stopping: AbortSignal,
): Promise<CallEnd<AskStep>> {
  const { memberNo, userId } = task;
  const placed = await placeCall(
    tools,
    {
      prepare: async () => await tools.client.prepareInquiry(userId, await tools.correlationNumbers.next()),
      mark: async ({ correlationId, preparedAt }) => {
        await tools.marks.add({ memberNo, correlationId, at: preparedAt });
        return true;
      },
      unmark: async ({ correlationId }) => {
        await tools.unmarks.add(correlationId);
      },
    },
    stopping,
  );
  if (placed.kind !== 'sent') return { kind: placed.kind };
  const { call, sent } = placed;
  const judged = readPlans(sent.reply, sent.pars, tools.rules);
  const step = decideAfterAsking(judged, task, tools.retry, tools.chance());
  const answer = { sent, judged, step };
  return {
    ...answer,
    kind: 'answered',
    record: async () => {
      await tools.records.add({
        memberNo,
        correlationId: call.correlationId,
        sentAt: sent.sentAt ?? call.preparedAt,
        latencyMs: sent.latencyMs,
        reply: sent.reply,
        ...endOf(judged, step),
      });
      tools.signals.reached('recorded');
      return { ...answer, late: [] };
    },
  };
}

function endOf(
  judged: PlansAnswer,
  step: AskStep,
): { readonly member: RecordedInquiry['member']; readonly pars: readonly Par[] } {
  if (judged.kind === 'plans') return { member: 'asked', pars: judged.pars };
  return { member: step.kind === 'final' ? 'unclear' : 'due', pars: [] };
}

/** Asks again only where the next answer may be another one. */
export function decideAfterAsking(
  answer: PlansAnswer,
  task: MemberTask,
  rules: AskRules,
  chance: number,
): AskStep {
  switch (answer.kind) {
    case 'plans':
      return { kind: 'final', class: 'answered' };
    case 'refused':
      return { kind: 'final', class: 'unclear' };
    case 'stop_run':
      return answer;
    case 'throttled':
      return { kind: 'again', item: task, ...pauseOf(answer.retryAfterMs, rules) };
    case 'unclear': {
      const asked = task.asked + 1;
      if (asked >= rules.attempts) return { kind: 'final', class: 'unclear' };
      return { kind: 'again', item: { ...task, asked }, delayMs: backoff(asked, rules, chance), pauseMs: 0 };
    }
  }
}

/** After so many such answers in a row, every member would get the same. */
const UNCLEAR_BORNE = 20;

/** Stops where the provider answers but never with plans, so that it is not asked for every member in vain. */
export function weighMembers(): Weighing<MemberTask, AskStep> {
  let unclear = 0;
  return {
    isCanary: false,
    isTrouble: (step) => step.kind !== 'final' || step.class !== 'answered',
    observe: (_work, { step, sent: { reply } }) => {
      if (step.kind !== 'final') return [];
      unclear = step.class === 'unclear' ? unclear + 1 : 0;
      if (unclear < UNCLEAR_BORNE) return [];
      const code = reply.kind === 'answered' && reply.code !== null ? `, code ${reply.code}` : '';
      const last = `${replyWords(reply)}${code}`;
      const sentence = `${unclear} members in a row were asked for and the provider has given no list of plans for any (last: ${last})`;
      // A provider that answers with a code is there, and does not serve the inquiry we are set up to make.
      const cause = code === '' ? 'provider_silent' : 'wrong_setup';
      return [{ kind: 'provider', cause, sentence }];
    },
  };
}
