import { redactor } from '../../config/redaction.ts';
import {
  askMember,
  weighMembers,
  type AskStep,
  type AskTools,
  type MemberTask,
} from '../../dispatch/call/ask-member.ts';
import type { PlacingTools } from '../../dispatch/call/place-call.ts';
import { createSetWriter } from '../../dispatch/call/set-writer.ts';
import { noDoubt } from '../../dispatch/call/setup-trust.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import { nightOf } from '../../domain/night.ts';
import { createOutcomeRules } from '../../konaplate/outcome-rules.ts';
import { createCorrelationNumbers } from '../../ledger/runs/correlation-numbers.ts';
import {
  markInquiries,
  recordInquiries,
  unmarkInquiries,
  type InquiryMark,
  type RecordedInquiry,
} from '../../ledger/breaks/reconciliation-calls.ts';
import { readDueMembers, type ReconciliationRow } from '../../ledger/breaks/reconciliation-table.ts';
import { callProvider } from '../calling/call-provider.ts';
import type { Caller } from '../calling/caller.ts';
import { LARGEST_SET } from '../calling/dispatch-run.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import { redactReply } from '../calling/redact-reply.ts';
import type { LockedEnvironment } from '../run-environment.ts';

/** A reconciliation this process may write for. */
export interface ReconciliationInHand {
  readonly reconciliation: ReconciliationRow;
  /** Calls of a dead process that may have left as late as its last instant. */
  readonly lostCalls: number;
}

/** Asks for the plans of every due member. Resolves with the reason for an early end, or null. */
export async function askMembers(
  environment: LockedEnvironment,
  inHand: ReconciliationInHand,
  due: number,
): Promise<StopReason | null> {
  const { configuration, clock } = environment;
  const { limit } = configuration.flags;
  const most = Math.min(due, limit ?? due);
  if (most === 0) return null;
  const night = nightOf(clock.now(), configuration.timeZone);
  const caller = callerOf(environment, inHand, night);
  return await callProvider<MemberTask, AskStep>(environment, caller, most, ({ tools: placing }) => {
    const tools = createTools(environment, inHand, { placing, night });
    return {
      call: async (task, stopping) => await askMember(tools, task, stopping),
      claim: createClaims(environment, inHand, most),
      weighing: weighMembers(),
      // An inquiry says nothing about the quality of a row.
      doubt: noDoubt,
    };
  });
}

function callerOf(
  environment: LockedEnvironment,
  { reconciliation, lostCalls }: ReconciliationInHand,
  night: string,
): Caller {
  const { id, job, provider, members } = reconciliation;
  return {
    id,
    job,
    provider,
    size: members ?? 0,
    lostCalls,
    fenced: async (change) => await jobTransaction(environment, change),
    night,
  };
}

const CLAIMED_AT_ONCE = 500;

/** Needs no claims: the job is locked, so nobody else asks for these members. */
function createClaims(
  { ledger }: LockedEnvironment,
  { reconciliation }: ReconciliationInHand,
  most: number,
): () => Promise<readonly MemberTask[] | null> {
  let last = 0;
  let taken = 0;
  return async () => {
    const limit = Math.min(CLAIMED_AT_ONCE, most - taken);
    if (limit <= 0) return null;
    const members = await readDueMembers(ledger, reconciliation.reconciliation_no, last, limit);
    taken += members.length;
    last = members.at(-1)?.memberNo ?? last;
    return members.length === 0
      ? null
      : members.map(({ memberNo, userId }) => ({ memberNo, userId, asked: 0 }));
  };
}

function createTools(
  environment: LockedEnvironment,
  { reconciliation }: ReconciliationInHand,
  { placing, night }: { readonly placing: PlacingTools; readonly night: string },
): AskTools {
  const { ledger, configuration, chance } = environment;
  const place = { reconciliationNo: reconciliation.reconciliation_no, night };
  const redact = redactor(configuration.secrets);
  return {
    ...placing,
    rules: createOutcomeRules(configuration.outcomes),
    retry: configuration.retry,
    correlationNumbers: createCorrelationNumbers(ledger),
    marks: createSetWriter<InquiryMark>(async (marks) => {
      await jobTransaction(environment, async (transaction) => {
        await markInquiries(transaction, place, marks);
      });
    }, LARGEST_SET),
    unmarks: createSetWriter<string>(async (correlationIds) => {
      await jobTransaction(environment, async (transaction) => {
        await unmarkInquiries(transaction, correlationIds);
      });
    }, LARGEST_SET),
    records: createSetWriter<RecordedInquiry>(async (calls) => {
      const kept = calls.map((call) => ({ ...call, reply: redactReply(call.reply, redact) }));
      await jobTransaction(environment, async (transaction) => {
        await recordInquiries(transaction, place, kept);
      });
    }, LARGEST_SET),
    chance,
  };
}
