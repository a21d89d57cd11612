import { redactor } from '../../config/redaction.ts';
import { describeWave, GuardTally } from '../../dispatch/guards/guards.ts';
import { callRecord, type CallTools, type RecordStep } from '../../dispatch/call/call-record.ts';
import type { PermitGate } from '../../dispatch/gate/permit-gate.ts';
import { DoorWatch } from '../../dispatch/call/door-watch.ts';
import type { PlacingTools } from '../../dispatch/call/place-call.ts';
import { weighRecords } from '../../dispatch/call/record-weighing.ts';
import { createAnsweringWriter, createSetWriter } from '../../dispatch/call/set-writer.ts';
import { SetupTrust, type HeldCall } from '../../dispatch/call/setup-trust.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import { beginTask, type Task } from '../../dispatch/call/task.ts';
import { createOutcomeRules } from '../../konaplate/outcome-rules.ts';
import { releaseClaims } from '../../ledger/runs/claiming.ts';
import { unmarkSending, type SendingMark } from '../../ledger/runs/marking.ts';
import { createCorrelationNumbers } from '../../ledger/runs/correlation-numbers.ts';
import { fencedTransaction } from '../../ledger/ledger-port.ts';
import { noteCanary, noteLearntAtOnce, type RunRow } from '../../ledger/runs/run-table.ts';
import { isSetupProved, noteSetup, settleHeldCalls } from '../../ledger/runs/setup-proof.ts';
import { recordCalls, type RecordedCall } from '../../ledger/runs/outcome-recording.ts';
import { callProvider, createWarning } from './call-provider.ts';
import { callerOfRun } from './caller.ts';
import type { RunInHand } from '../start/continue-run.ts';
import type { JobTally } from '../job-tally.ts';
import { guardsInForce } from './guards-in-force.ts';
import { redactReply } from './redact-reply.ts';
import type { LockedEnvironment } from '../run-environment.ts';
import { justLeft } from './open-gate.ts';
import { createCanary, RunClaims, type RunClaimsOptions } from './run-claims.ts';
import { WallSteps } from '../../dispatch/progress/wall-steps.ts';
import { readLastLeft } from '../../ledger/runs/attempt-table.ts';
import { settleDeadRuns } from './settle-dead-runs.ts';

/** Outcomes written together; sets of 100 to 500 measured best. */
export const LARGEST_SET = 200;

/**
 * Calls every due row of a run, of which there are `due`, and releases the claims that are left. Resolves with the
 * reason for an early end, or null.
 */
export async function dispatchRun(
  environment: LockedEnvironment,
  inHand: RunInHand,
  due: number,
): Promise<StopReason | null> {
  const { ledger, lock, configuration } = environment;
  const { run } = inHand;
  await noteRunSetup(environment, inHand);
  const { flags } = configuration;
  const limit = flags.limit === null ? null : Math.max(0, flags.limit - environment.tally.claimed);
  if (due === 0 || limit === 0) return null;
  const most = Math.min(due, limit ?? due);
  const guards = guardsInForce(run.kind, configuration.guards);
  // Rows that a person asked to be called again say nothing about the quality of the lists.
  const tally = run.kind === 'list' ? environment.tally.guards : new GuardTally();
  const waitingBefore = tally.well.action_required;
  const canary = createCanary(guards.canary, { due: most, found: run.canary });
  const caller = callerOfRun(environment, inHand);
  const trust = await createTrust(environment, run, most);
  const wallSteps = new WallSteps(environment.clock, await readLastLeft(ledger, run.run_no));
  let readLearnt = (): number | null => null;
  const reason = await callProvider<Task, RecordStep>(
    environment,
    caller,
    most,
    ({ tools: placing, stop }) => {
      const { gate } = placing;
      readLearnt = () => gate.learntAtOnce;
      const claims = createClaims(environment, inHand, { gate, stop, canary, due, limit });
      const tools = createTools(environment, inHand, { placing, claims, trust, wallSteps });
      return {
        call: async (task, stopping) => await callRecord(tools, task, stopping),
        claim: countClaims(environment.tally, claims),
        weighing: weighRecords({ guards, tally, canary, doubt: trust }),
        doubt: trust,
      };
    },
  );
  const wave = tally.well.action_required === waitingBefore ? null : describeWave(guards, tally);
  if (wave !== null) createWarning(environment, caller)(wave);
  if (lock.lost.aborted) return reason;
  await fencedTransaction(ledger, inHand.fence, async (transaction) => {
    await releaseClaims(transaction, run.run_no);
    if (canary?.result.kind === 'tripped') await noteCanary(transaction, run.run_no, 'tripped');
    const learnt = readLearnt();
    if (learnt !== null) await noteLearntAtOnce(transaction, run.run_no, learnt);
  });
  return reason;
}

/** Keeps with the run the set-up under which it calls from now on. */
async function noteRunSetup(
  { ledger, provider, clock }: LockedEnvironment,
  { run, fence }: RunInHand,
): Promise<void> {
  await fencedTransaction(ledger, fence, async (transaction) => {
    await noteSetup(transaction, run.run_no, provider.setup, clock.now());
  });
}

/** A run of fewer calls may hold no good row, so a proof of the same set-up from the last 24 hours counts for it. */
const FEW_CALLS = 20;
const PROOF_HOLDS_MS = 24 * 60 * 60 * 1000;

/** The earlier proof also counts where a person asks for rows that failed before, since all of them may fail again. */
async function createTrust(
  { ledger, provider, clock, configuration, tally }: LockedEnvironment,
  run: RunRow,
  due: number,
): Promise<SetupTrust> {
  const countsBefore = due < FEW_CALLS || run.kind !== 'list';
  const since = new Date(clock.now().getTime() - PROOF_HOLDS_MS);
  return new SetupTrust({
    proof: tally.setup,
    isProvedBefore: countsBefore && (await isSetupProved(ledger, provider.setup, since)),
    isVouched: configuration.flags.yes,
  });
}

interface ClaimParts extends Pick<RunClaimsOptions, 'stop' | 'canary' | 'due' | 'limit'> {
  readonly gate: PermitGate;
}

function createClaims(
  environment: LockedEnvironment,
  { run, fence }: RunInHand,
  { gate, ...parts }: ClaimParts,
): RunClaims {
  const { ledger, clock, signals, configuration } = environment;
  return new RunClaims({
    ...parts,
    ledger,
    run,
    fence,
    nights: configuration.retry.nights,
    settleDeadRuns: async () => {
      gate.fillWith(justLeft(await settleDeadRuns(environment, run)));
    },
    clock,
    signals,
  });
}

function countClaims(tally: JobTally, claims: RunClaims): () => Promise<readonly Task[] | null> {
  return async () => {
    const set = await claims.next();
    tally.claimed += set?.records.length ?? 0;
    return set === null ? null : set.records.map(beginTask);
  };
}

interface ToolParts {
  readonly placing: PlacingTools;
  readonly claims: RunClaims;
  readonly trust: SetupTrust;
  readonly wallSteps: WallSteps;
}

function createTools(
  environment: LockedEnvironment,
  inHand: RunInHand,
  { placing, claims, trust, wallSteps }: ToolParts,
): CallTools {
  const { ledger, configuration, chance, tally } = environment;
  const redact = redactor(configuration.secrets);
  return {
    ...placing,
    rules: createOutcomeRules(configuration.outcomes),
    retry: { ...configuration.retry, verify: configuration.verify.enabled },
    correlationNumbers: createCorrelationNumbers(ledger),
    marks: createAnsweringWriter<SendingMark, boolean>(async (marks) => {
      const left = await claims.mark(marks);
      tally.claimed -= left.size;
      return ({ recordNo }) => !left.has(recordNo);
    }, LARGEST_SET),
    unmarks: createSetWriter<string>(async (recordNos) => {
      await unmarkSending(ledger, inHand.fence, recordNos);
    }, LARGEST_SET),
    records: createSetWriter<RecordedCall>(async (calls) => {
      const kept = calls.map((call) => ({ ...call, reply: redactReply(call.reply, redact) }));
      await recordCalls(ledger, inHand.fence, kept);
      for (const call of calls) if (call.settled) claims.ended(call.recordNo);
    }, LARGEST_SET),
    proved: createSetWriter<HeldCall>(async (calls) => {
      const ids = calls.map((call) => call.correlationId);
      await settleHeldCalls(ledger, inHand.fence, ids);
      for (const call of calls) claims.ended(call.recordNo);
    }, LARGEST_SET),
    trust,
    wallSteps,
    door: new DoorWatch(),
    chance,
  };
}
