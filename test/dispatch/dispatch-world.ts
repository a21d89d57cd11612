import { onTestFinished } from 'vitest';
import { callRecord, type CallTools } from '../../src/dispatch/call/call-record.ts';
import { weighRecords } from '../../src/dispatch/call/record-weighing.ts';
import type { Canary } from '../../src/dispatch/guards/canary.ts';
import type { CallBudget } from '../../src/dispatch/gate/call-budget.ts';
import { WallSteps } from '../../src/dispatch/progress/wall-steps.ts';
import type { DispatchProgress } from '../../src/dispatch/progress/dispatch-progress.ts';
import { dispatch } from '../../src/dispatch/dispatcher.ts';
import type { AvailabilityNews } from '../../src/dispatch/guards/silence-news.ts';
import type { StopReason } from '../../src/dispatch/guards/stop-reason.ts';
import { PermitGate } from '../../src/dispatch/gate/permit-gate.ts';
import type { RateLimit } from '../../src/dispatch/gate/permit-windows.ts';
import { GuardTally, type GuardRules } from '../../src/dispatch/guards/guards.ts';
import { DoorWatch } from '../../src/dispatch/call/door-watch.ts';
import { SetupProof, SetupTrust } from '../../src/dispatch/call/setup-trust.ts';
import { createAnsweringWriter, createSetWriter } from '../../src/dispatch/call/set-writer.ts';
import { createCallHours, type StopTime } from '../../src/dispatch/windows/call-hours.ts';
import { beginTask } from '../../src/dispatch/call/task.ts';
import { TaskQueue } from '../../src/dispatch/task-queue.ts';
import type { CallHoursSettings } from '../../src/config/job-file/call-hours-settings.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Reply } from '../../src/domain/outcome.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { createOutcomeRules } from '../../src/konaplate/outcome-rules.ts';
import type { PreparedCall, ProviderClient, SentCall } from '../../src/konaplate/provider-client.ts';
import type { ClaimedRecord } from '../../src/ledger/runs/claiming.ts';
import type { SendingMark } from '../../src/ledger/runs/marking.ts';
import type { RecordedCall } from '../../src/ledger/runs/outcome-recording.ts';
import { createStubClock, oneTurn, timerTurn, type StubClock } from '../support/stub-clock.ts';

/** What a world saw, in order: `prepare 1`, `mark 1`, `permit`, `send 1`, `record 1`, `unmark 1` … */
export type Happening = string;

export interface DispatchWorldOptions {
  readonly records: readonly ClaimedRecord[];
  /** The answer to a record's n-th call, from 1 on. */
  readonly answer: (recordNo: string, nth: number) => Reply | Promise<Reply>;
  /** The answer to a record's n-th inquiry, and whether its card is in it; none: no inquiries are made. */
  readonly plans?: (recordNo: string, nth: number) => { reply: Reply; found: boolean };
  /** The Date of an answer to a call sent at `now`; none by default. */
  readonly serverDate?: (now: Date) => Date | null;
  readonly concurrency?: number;
  readonly rate?: RateLimit;
  /** Calls that may leave together; by default as many as the rate has, so that time need not go on. */
  readonly burst?: number;
  readonly budgets?: readonly CallBudget[];
  readonly adaptive?: boolean;
  readonly attempts?: number;
  /** The same before every further call; default: none. */
  readonly backoffMs?: number;
  /** Default: none of them ever trips. */
  readonly guards?: Partial<GuardRules>;
  readonly canary?: Canary;
  /** Our set-up was proved before; default: not. */
  readonly isProvedBefore?: boolean;
  /** What the answers say of whose they are; default: the call's. */
  readonly echo?: SentCall['echo'];
  /** A person vouches for it; default: not. */
  readonly isVouched?: boolean;
  readonly claimSize?: number;
  /** False: another run has the record by the time it is marked; default: none. */
  readonly isOurs?: (recordNo: string) => boolean;
  /** Closed every day, in UTC. */
  readonly blackout?: CallHoursSettings['blackout'];
  readonly stopAt?: StopTime;
  /** As in a job file. */
  readonly outcomes?: Parameters<typeof createOutcomeRules>[0];
  readonly isLockFresh?: () => boolean;
  /** Called at each writing of a set, which waits for it; what it throws, the writing rejects with. */
  readonly beforeWrite?: (what: 'claim' | 'mark' | 'unmark' | 'record' | 'prove') => void | Promise<void>;
  readonly clock?: Clock;
  readonly client?: ProviderClient;
  /** Why no call can leave at all; default: nothing. */
  readonly refusal?: StopReason;
}

export interface DispatchWorld {
  readonly clock: StubClock;
  readonly happenings: Happening[];
  readonly recorded: RecordedCall[];
  /** Milliseconds of each call that ended. */
  readonly took: readonly number[];
  readonly progress: DispatchProgress[];
  readonly warnings: string[];
  readonly availability: AvailabilityNews[];
  /** Pauses that are everybody's: `throttled 1000`. */
  readonly pauses: readonly string[];
  /** Most calls that were under way at once. */
  readonly mostSending: () => number;
  readonly stop: AbortController;
  readonly gate: PermitGate;
  run(): Promise<StopReason | null>;
  /** The same, and time goes on by itself whenever somebody waits for it. */
  runThroughTime(): Promise<StopReason | null>;
  /** How often something happened: `send`, or `send 3`. */
  count(what: string): number;
  /** How often it was asked whether any call can leave at all. */
  knocks(): number;
}

const noGuards: GuardRules = {
  maxFailures: { kind: 'share', percent: 100 },
  maxUnknownCodes: Infinity,
  newlyFailingPercent: null,
};

/** The dispatcher with its real gate, queue and writers between a ledger and a provider that only take notes. */
export function createDispatchWorld(options: DispatchWorldOptions): DispatchWorld {
  const clock = createStubClock();
  const happenings: Happening[] = [];
  const recorded: RecordedCall[] = [];
  const took: number[] = [];
  const progress: DispatchProgress[] = [];
  const warnings: string[] = [];
  const availability: AvailabilityNews[] = [];
  const pauses: string[] = [];
  const stop = new AbortController();
  const gate = createNotedGate(options, options.clock ?? clock, happenings);
  const fake = createFakeClient(options, happenings, options.clock ?? clock);
  const hours = createCallHours({ blackout: options.blackout ?? [], stopAt: null }, 'UTC');
  const trust = new SetupTrust({
    proof: new SetupProof(),
    isProvedBefore: options.isProvedBefore ?? false,
    isVouched: options.isVouched ?? false,
  });
  const tools: CallTools = {
    client: options.client ?? fake.client,
    rules: createOutcomeRules(options.outcomes ?? {}),
    retry: {
      attempts: options.attempts ?? 3,
      backoffMinMs: options.backoffMs ?? 1_000,
      backoffMaxMs: Math.max(options.backoffMs ?? 0, 60_000),
      verify: options.plans !== undefined,
    },
    gate,
    hours,
    correlationNumbers: createNumbers(),
    ...createWriters(options, happenings, recorded),
    trust,
    door: new DoorWatch(),
    wallSteps: new WallSteps(options.clock ?? clock, null),
    isLockFresh: options.isLockFresh ?? (() => true),
    clock: options.clock ?? clock,
    signals: { reached: () => undefined },
    // The shortest backoff there is, or all of it.
    chance: () => (options.backoffMs === undefined ? 0 : 1),
  };
  let knocks = 0;
  const run = async (): Promise<StopReason | null> =>
    await dispatch({
      call: async (task, stopping) => await callRecord(tools, task, stopping),
      queue: new TaskQueue(tools.clock, createClaims(options, happenings)),
      findRefusal: async () => {
        knocks += 1;
        return await Promise.resolve(options.refusal ?? null);
      },
      gate,
      pace: { observe: (latencyMs) => void took.push(latencyMs) },
      breaker: tools.retry,
      weighing: weighRecords({
        guards: { ...noGuards, ...options.guards },
        tally: new GuardTally(),
        canary: options.canary ?? null,
        doubt: trust,
      }),
      doubt: trust,
      isLockFresh: tools.isLockFresh,
      concurrency: options.concurrency ?? 4,
      clock: tools.clock,
      hours,
      stopAt: options.stopAt ?? null,
      stop: stop.signal,
      onPause: (milliseconds, why) => {
        pauses.push(`${why} ${milliseconds}`);
      },
      onProgress: (told) => {
        progress.push({ ...told, final: { ...told.final } });
      },
      onAvailability: (news) => {
        availability.push(news);
      },
      onWarning: (sentence) => {
        warnings.push(sentence);
      },
    });
  return {
    clock,
    happenings,
    recorded,
    took,
    progress,
    warnings,
    availability,
    pauses,
    mostSending: fake.mostSending,
    stop,
    gate,
    run,
    runThroughTime: async () => await letTimeGoOn(clock, happenings, run()),
    knocks: () => knocks,
    count: (what) =>
      happenings.filter((happening) => happening === what || happening.startsWith(`${what} `)).length,
  };
}

/** Turns in which nothing happens before everybody is taken to wait for a later time. */
const QUIET_TURNS = 20;

async function letTimeGoOn<Result>(
  clock: StubClock,
  happenings: readonly Happening[],
  running: Promise<Result>,
): Promise<Result> {
  let hasEnded = false;
  const ended = running.finally(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    for (let quiet = 0, seen = happenings.length; quiet < QUIET_TURNS; quiet += 1) {
      await oneTurn();
      await timerTurn();
      if (happenings.length !== seen) quiet = 0;
      seen = happenings.length;
    }
    await clock.advance(clock.waits[0] ?? 0);
  }
  return await ended;
}

function createNotedGate(options: DispatchWorldOptions, clock: Clock, happenings: Happening[]): PermitGate {
  const rate = options.rate ?? { count: 100, windowMs: 1_000 };
  const gate = new PermitGate([rate], clock, {
    burst: options.burst ?? rate.count,
    budgets: options.budgets ?? [],
    adaptive: options.adaptive ?? false,
  });
  const take = gate.take.bind(gate);
  gate.take = async (signal) => {
    const permit = await take(signal);
    happenings.push(permit === null ? 'no permit' : 'permit');
    return permit;
  };
  onTestFinished(async () => {
    await gate.close();
  });
  return gate;
}

function createNumbers(): CallTools['correlationNumbers'] {
  let number = 0;
  return {
    next: async () => {
      number += 1;
      return await Promise.resolve(number);
    },
  };
}

function createWriters(
  options: DispatchWorldOptions,
  happenings: Happening[],
  recorded: RecordedCall[],
): Pick<CallTools, 'marks' | 'unmarks' | 'records' | 'proved'> {
  const beforeWrite = options.beforeWrite ?? ((): void => undefined);
  return {
    marks: createAnsweringWriter(async (marks) => {
      await Promise.resolve();
      await beforeWrite('mark');
      const isOurs = ({ recordNo }: SendingMark): boolean => options.isOurs?.(recordNo) ?? true;
      happenings.push(...marks.filter(isOurs).map((mark) => `mark ${mark.recordNo}`));
      return isOurs;
    }, 200),
    unmarks: createSetWriter(async (recordNos) => {
      await Promise.resolve();
      await beforeWrite('unmark');
      happenings.push(...recordNos.map((recordNo) => `unmark ${recordNo}`));
    }, 200),
    records: createSetWriter(async (calls) => {
      await Promise.resolve();
      await beforeWrite('record');
      happenings.push(...calls.map((call) => `record ${call.recordNo}`));
      recorded.push(...calls);
    }, 200),
    proved: createSetWriter(async (calls) => {
      await Promise.resolve();
      await beforeWrite('prove');
      happenings.push(...calls.map((call) => `prove ${call.recordNo}`));
    }, 200),
  };
}

function createClaims(options: DispatchWorldOptions, happenings: Happening[]) {
  const size = options.claimSize ?? 10;
  let next = 0;
  return async () => {
    await options.beforeWrite?.('claim');
    happenings.push('claim');
    const records = options.records.slice(next, next + size);
    next += size;
    return await Promise.resolve(records.length === 0 ? null : records.map(beginTask));
  };
}

function createFakeClient(options: DispatchWorldOptions, happenings: Happening[], clock: Clock) {
  const asked = new Map<string, { recordNo: string; isInquiry: boolean }>();
  const calls = new Map<string, number>();
  let sending = 0;
  let most = 0;

  function countCall(what: string): number {
    const nth = (calls.get(what) ?? 0) + 1;
    calls.set(what, nth);
    return nth;
  }

  async function answerTo(correlationId: string): Promise<Pick<SentCall, 'reply' | 'pars'>> {
    const { recordNo, isInquiry } = asked.get(correlationId) ?? { recordNo: '', isInquiry: false };
    const what = `${isInquiry ? 'ask' : 'send'} ${recordNo}`;
    happenings.push(what);
    const nth = countCall(what);
    if (!isInquiry) return { reply: await options.answer(recordNo, nth), pars: null };
    const { reply, found } = options.plans?.(recordNo, nth) ?? { reply: enrolled, found: false };
    const par = options.records.find((one) => one.recordNo === recordNo)?.par ?? '';
    return { reply, pars: found ? ['another', par] : ['another'] };
  }

  async function send(correlationId: string): Promise<SentCall> {
    sending += 1;
    most = Math.max(most, sending);
    const answer = await answerTo(correlationId);
    sending -= 1;
    const sentAt = clock.now();
    const serverDate = options.serverDate?.(sentAt) ?? null;
    const owner = { echo: options.echo ?? 'ours', otherCorrelationId: null } as const;
    return { ...answer, sentAt, bytesLeftMonotonic: 0, latencyMs: 1, waitedOn: null, serverDate, ...owner };
  }

  async function prepare(userId: string, number: number, isInquiry: boolean): Promise<PreparedCall> {
    const recordNo = options.records.find((one) => one.userId === userId)?.recordNo ?? '';
    const correlationId = `correlation-${number}`;
    asked.set(correlationId, { recordNo, isInquiry });
    happenings.push(`prepare ${recordNo}`);
    const call = { path: '', correlationId, headers: {}, body: '', preparedAt: clock.now() };
    return await Promise.resolve(call);
  }

  const client: ProviderClient = {
    prepareRegistration: async ({ userId }, number) => await prepare(userId, number, false),
    prepareInquiry: async (userId, number) => await prepare(userId, number, true),
    send: async (call, hooks) => {
      const sent = send(call.correlationId);
      hooks?.onKeptConnection?.();
      hooks?.bytesLeft?.();
      return await sent;
    },
    close: async () => await Promise.resolve(),
  };
  return { client, mostSending: () => most };
}

/** Records 1 to `count` as a claim gives them. */
export function claimedRecords(count: number, overrides: Partial<ClaimedRecord> = {}): ClaimedRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    rowNo: index + 1,
    recordNo: String(index + 1),
    userId: String(1_000_000_000 + index) as UserId,
    par: `PAR${String(index + 1).padStart(24, '0')}` as Par,
    status: 'pending',
    unanswered: 0,
    wasRefused: false,
    wasWell: false,
    ...overrides,
  }));
}

export function answered(httpStatus: number, code: string | null, retryAfterMs: number | null = null): Reply {
  const unread = code === null ? 'it is no JSON object' : null;
  return { kind: 'answered', httpStatus, code, unread, message: null, raw: '', retryAfterMs };
}

export const enrolled = answered(200, '000_000');
export const noAnswer: Reply = { kind: 'no_answer', httpStatus: null, error: 'ECONNRESET: reset' };
export const notSent: Reply = { kind: 'not_sent', error: 'ECONNREFUSED: refused' };
