import { createCallPace } from '../../dispatch/progress/call-pace.ts';
import type { CallEnd, CallStep } from '../../dispatch/call/call-end.ts';
import { dispatch } from '../../dispatch/dispatcher.ts';
import type { Doubt } from '../../dispatch/call/setup-trust.ts';
import type { AvailabilityNews } from '../../dispatch/guards/silence-news.ts';
import type { PlacingTools } from '../../dispatch/call/place-call.ts';
import type { Weighing } from '../../dispatch/call/record-weighing.ts';
import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import { createCallHours } from '../../dispatch/windows/call-hours.ts';
import { TaskQueue } from '../../dispatch/task-queue.ts';
import { probeClientCertificate } from '../../konaplate/transport/certificate-probe.ts';
import { createProviderClient, type ProviderClient } from '../../konaplate/provider-client.ts';
import { LedgerError } from '../../ledger/ledger-port.ts';
import type { Caller } from './caller.ts';
import { openGate } from './open-gate.ts';
import { startTelling } from './progress-teller.ts';
import type { LockedEnvironment, RunEnvironment } from '../run-environment.ts';

/** What to call, and how to make and weigh each call. */
export interface CallPlan<Item, Step extends CallStep<Item>> {
  readonly call: (item: Item, stopping: AbortSignal) => Promise<CallEnd<Step>>;
  /** Resolves with the next set, or with null when this process has no more to call. */
  readonly claim: () => Promise<readonly Item[] | null>;
  readonly weighing: Weighing<Item, Step>;
  /** Holds answers back until our set-up is proved. */
  readonly doubt: Doubt;
}

export interface CallParts {
  readonly tools: PlacingTools;
  /** Aborted when the process has to stop, or the job's lock is lost. */
  readonly stop: AbortSignal;
}

/**
 * Opens gate and client, makes the calls of a plan under the job's limits and call hours, and closes both. Resolves
 * with the reason for an early end, or null; a lost lock outweighs every other reason. `due`: tasks this process may
 * call.
 */
export async function callProvider<Item, Step extends CallStep<Item>>(
  environment: LockedEnvironment,
  caller: Caller,
  due: number,
  plan: (parts: CallParts) => CallPlan<Item, Step>,
): Promise<StopReason | null> {
  const { lock, clock, configuration, signals } = environment;
  const opened = await openGate(environment, caller);
  const { gate } = opened;
  const client = createClient(environment);
  const hours = createCallHours(configuration.windows, configuration.timeZone);
  const stop = AbortSignal.any([environment.stop, lock.lost]);
  const pace = createCallPace(clock);
  const telling = startTelling(environment, { caller, due, pace, hours });
  const isLockFresh = (): boolean => lock.isFresh();
  try {
    const tools = { client, gate, hours, isLockFresh, clock, signals };
    const { call, claim, weighing, doubt } = plan({ tools, stop });
    const reason = await dispatch({
      call,
      findRefusal: async () => await readRefusal(environment, stop),
      queue: new TaskQueue(clock, claim),
      gate,
      pace,
      breaker: configuration.retry,
      weighing,
      doubt,
      isLockFresh,
      concurrency: configuration.limits.concurrency,
      clock,
      hours,
      stopAt: environment.stopAt,
      stop,
      onPause: opened.sharePause,
      onProgress: telling.tell,
      onWarning: createWarning(environment, caller),
      onAvailability: createAvailabilityLog(environment, caller),
    });
    return lock.lost.aborted ? reasonOfLoss(lock.lost.reason) : reason;
  } finally {
    await telling.end();
    await opened.close();
    await client.close();
  }
}

function createAvailabilityLog({ logger }: RunEnvironment, { id }: Caller): (news: AvailabilityNews) => void {
  return (news) => {
    if (news.kind === 'silent') logger.warn('the provider does not answer', { run: id, last: news.last });
    else logger.info('the provider answers again', { run: id, silentMs: Math.round(news.silentMs) });
  };
}

/** Warns on the terminal and in the log; the run goes on. */
export function createWarning(
  { logger, observer }: RunEnvironment,
  { id }: Caller,
): (sentence: string) => void {
  return (sentence) => {
    logger.warn('a run needs attention', { run: id, sentence });
    observer.warned(sentence);
  };
}

/** Tries before a fault of the set-up counts: the certificate or proxy may be wrong on only one of several machines. */
const SET_UP_TRIES = 3;

/** Stops the run before its first call where no connection can be made or our client certificate is refused. */
async function readRefusal(
  { provider, configuration }: RunEnvironment,
  stop: AbortSignal,
): Promise<StopReason | null> {
  const { baseUrl, transport } = provider;
  if (transport === undefined) return null;
  const { timeoutMs } = configuration.limits;
  for (let tries = 1; ; tries += 1) {
    const reception = await probeClientCertificate({ baseUrl, transport, timeoutMs, stop });
    if (reception.kind === 'refused') {
      return { kind: 'provider', cause: 'credentials', sentence: reception.sentence };
    }
    if (reception.kind !== 'set_up') return null;
    if (tries === SET_UP_TRIES) return { kind: 'provider', ...reception.fault };
  }
}

/** Tells why the job's lock is lost: the database did not come back, or another process took the job over. */
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
