import { redactor } from '../config/redaction.ts';
import { createCallPace } from '../dispatch/call-pace.ts';
import type { PermitGate } from '../dispatch/permit-gate.ts';
import { GuardTally } from '../dispatch/guard-tally.ts';
import { dispatch } from '../dispatch/dispatcher.ts';
import type { StopReason } from '../dispatch/stop-reason.ts';
import type { CallTools } from '../dispatch/call-record.ts';
import { createSetWriter } from '../dispatch/set-writer.ts';
import { createCallWindows, type CallWindows } from '../dispatch/windows.ts';
import { WorkQueue } from '../dispatch/work-queue.ts';
import { probeClientCertificate } from '../konaplate/certificate-probe.ts';
import { createOutcomeRules } from '../konaplate/outcome-rules.ts';
import { createProviderClient, type ProviderClient } from '../konaplate/provider-client.ts';
import {
  type ClaimedSet,
  markSending,
  releaseClaims,
  unmarkSending,
  type SendingMark,
} from '../ledger/claiming.ts';
import { createCorrelationNumbers } from '../ledger/correlation-numbers.ts';
import { fencedTransaction, LedgerError } from '../ledger/ledger-port.ts';
import { countDueRows } from '../ledger/list-row-table.ts';
import { noteCanary } from '../ledger/run-table.ts';
import { recordCalls, type RecordedCall } from '../ledger/outcome-recording.ts';
import { createCanary } from './canary-claims.ts';
import type { RunInHand } from './continue-run.ts';
import type { JobTally } from './job-tally.ts';
import { guardsInForce } from './guards-in-force.ts';
import { openGate } from './open-gate.ts';
import { startTelling } from './progress-teller.ts';
import { redactReply } from './redact-reply.ts';
import type { LockedEnvironment, RunEnvironment } from './run-environment.ts';
import { createRunClaims } from './run-claims.ts';

/** Sets measured best between 100 and 500 outcomes. */
const LARGEST_SET = 200;

/** Calls every row due of a run. What ended it early, or null. Claims that are left are given back. */
export async function dispatchRun(
  environment: LockedEnvironment,
  inHand: RunInHand,
): Promise<StopReason | null> {
  const { ledger, lease, clock, configuration, logger, observer } = environment;
  const due = await countDueRows(ledger, inHand.run.run_no);
  const { flags } = configuration;
  const limit = flags.limit === null ? null : Math.max(0, flags.limit - environment.tally.claimed);
  if (due === 0 || limit === 0) return null;
  const opened = await openGate(environment, inHand);
  const { gate } = opened;
  const client = createClient(environment);
  const windows = createCallWindows(configuration.windows, configuration.timeZone);
  const stop = AbortSignal.any([environment.stop, lease.lost]);
  /** Claimed by this process, their end not written yet. */
  const held = new Set<string>();
  const pace = createCallPace(clock);
  const most = Math.min(due, limit ?? due);
  const guards = guardsInForce(inHand.run.kind, configuration.guards);
  const canary = createCanary(guards.canary, { due: most, found: inHand.run.canary });
  const telling = startTelling(environment, { run: inHand.run, due: most, pace, windows });
  try {
    const claims = createRunClaims(environment, inHand, { gate, stop, held, canary, due, limit });
    const refusal = await readRefusal(environment, stop);
    const reason =
      refusal ??
      (await dispatch({
        tools: createTools(environment, inHand, { gate, client, windows, held }),
        queue: new WorkQueue(clock, countClaims(environment.tally, claims)),
        gate,
        pace,
        guards,
        // What a person asked to be called again is no sign of what the lists are like.
        tally: inHand.run.kind === 'list' ? environment.tally.guards : new GuardTally(),
        canary,
        concurrency: configuration.limits.concurrency,
        clock,
        windows,
        stopAt: environment.stopAt,
        stop,
        onProgress: telling.tell,
        onWarning: (sentence) => {
          logger.warn('a run needs attention', { run: inHand.run.id, sentence });
          observer.warned(sentence);
        },
      }));
    if (lease.lost.aborted) return reasonOfLoss(lease.lost.reason);
    await fencedTransaction(ledger, inHand.lease, async (transaction) => {
      await releaseClaims(transaction, inHand.run.run_no);
      if (canary?.verdict.kind === 'tripped') await noteCanary(transaction, inHand.run.run_no, 'tripped');
    });
    return reason;
  } finally {
    await telling.end();
    await opened.close();
    await client.close();
  }
}

function countClaims(
  tally: JobTally,
  claims: () => Promise<ClaimedSet | null>,
): () => Promise<ClaimedSet | null> {
  return async () => {
    const set = await claims();
    tally.claimed += set?.records.length ?? 0;
    return set;
  };
}

/** A client certificate that the provider does not take stops the run before its first record is sent. */
async function readRefusal(
  { provider, configuration }: RunEnvironment,
  stop: AbortSignal,
): Promise<StopReason | null> {
  const { baseUrl, transport } = provider;
  if (transport === undefined) return null;
  const { timeoutMs } = configuration.limits;
  const verdict = await probeClientCertificate({ baseUrl, transport, timeoutMs, stop });
  return verdict.kind === 'refused' ? { kind: 'provider', sentence: verdict.sentence } : null;
}

/** The database did not come back, or somebody has taken the job over. */
function reasonOfLoss(cause: unknown): StopReason {
  return cause instanceof LedgerError ? { kind: 'ledger', error: cause } : { kind: 'overtaken' };
}

function createClient(environment: RunEnvironment): ProviderClient {
  const { configuration, clock, provider } = environment;
  return createProviderClient({
    ...provider,
    timeoutMs: configuration.limits.timeoutMs,
    connections: configuration.limits.concurrency,
    now: () => clock.now(),
  });
}

function createTools(
  environment: LockedEnvironment,
  inHand: RunInHand,
  { held, ...parts }: { gate: PermitGate; client: ProviderClient; windows: CallWindows; held: Set<string> },
): CallTools {
  const { ledger, lease, configuration, clock, signals, chance } = environment;
  const redact = redactor(configuration.secrets);
  return {
    ...parts,
    rules: createOutcomeRules(configuration.outcomes),
    retry: { ...configuration.retry, verify: configuration.verify.enabled },
    correlationNumbers: createCorrelationNumbers(ledger),
    marks: createSetWriter<SendingMark>(async (marks) => {
      await markSending(ledger, inHand.lease, marks);
    }, LARGEST_SET),
    unmarks: createSetWriter<string>(async (recordNos) => {
      await unmarkSending(ledger, inHand.lease, recordNos);
    }, LARGEST_SET),
    records: createSetWriter<RecordedCall>(async (calls) => {
      const kept = calls.map((call) => ({ ...call, reply: redactReply(call.reply, redact) }));
      await recordCalls(ledger, inHand.lease, kept);
      for (const call of calls) if (call.settled) held.delete(call.recordNo);
    }, LARGEST_SET),
    isLeaseFresh: () => lease.isFresh(),
    clock,
    signals,
    chance,
  };
}
