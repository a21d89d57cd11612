import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { RateLimit } from '../../src/dispatch/gate/permit-windows.ts';
import { SMALLEST_MARGIN_MS } from '../../src/dispatch/gate/transit-margin.ts';
import { createProviderClient, type ProviderClient } from '../../src/konaplate/provider-client.ts';
import type { CallLogEntry } from '../../src/sandbox/wire/call-log.ts';
import type { FaultPlan } from '../../src/sandbox/faults/fault-plan.ts';
import type { Sandbox } from '../../src/sandbox/wire/server.ts';
import { claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';
import { fullestWindow } from './windows.ts';

const CONCURRENCY = 16;

interface RemoteSandbox extends Pick<Sandbox, 'baseUrl' | 'credentials'> {
  /** Ends it. */
  calls(): Promise<readonly CallLogEntry[]>;
}

async function startRemoteSandbox(faults: FaultPlan): Promise<RemoteSandbox> {
  const worker = new Worker(new URL('sandbox-thread.ts', import.meta.url), { workerData: faults });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const [place] = (await once(worker, 'message')) as [Pick<Sandbox, 'baseUrl' | 'credentials'>];
  return {
    ...place,
    calls: async () => {
      worker.postMessage('calls', []);
      const [calls] = (await once(worker, 'message')) as [readonly CallLogEntry[]];
      return calls;
    },
  };
}

/** The client, noting when each call's last byte left. */
function noteDepartures(client: ProviderClient, departures: Map<string, number>): ProviderClient {
  return {
    ...client,
    send: async (call, hooks) =>
      await client.send(call, {
        ...hooks,
        bytesLeft: () => {
          departures.set(call.correlationId, performance.timeOrigin + performance.now());
          hooks?.bytesLeft?.();
        },
      }),
  };
}

export interface Disturbance {
  readonly faults?: Partial<FaultPlan>;
  /** Told of each set of outcomes recorded. */
  readonly interfere?: (sets: number) => void;
}

/** Calls so many records at a rate over real sockets. */
async function callAtRate(rate: RateLimit, records: number, { faults, interfere }: Disturbance) {
  const sandbox = await startRemoteSandbox({ seed: 1, latencyMs: 5, ...faults });
  const departures = new Map<string, number>();
  const client = createProviderClient({
    ...sandbox.credentials,
    baseUrl: sandbox.baseUrl,
    timeZone: 'KST',
    encryption: null,
    answerKey: null,
    timeoutMs: 10_000,
    connections: CONCURRENCY,
    now: () => new Date(),
  });
  let sets = 0;
  const world = createDispatchWorld({
    records: claimedRecords(records),
    answer: () => enrolled,
    client: noteDepartures(client, departures),
    clock: systemClock,
    concurrency: CONCURRENCY,
    rate,
    attempts: 10,
    beforeWrite: (what) => {
      if (what === 'record') interfere?.((sets += 1));
    },
  });
  const reason = await world.run();
  await client.close();
  const calls = await sandbox.calls();
  const arrivals = calls.map((call) => call.arrivedAt);
  // On a machine too busy to read a socket within the gate's margin the call counts as there by then.
  const latest = calls.map((call) => (departures.get(call.correlationId ?? '') ?? NaN) + SMALLEST_MARGIN_MS);
  return {
    reason,
    world,
    arrivals,
    inTime: arrivals.map((arrival, at) => Math.min(arrival, latest[at] ?? NaN)),
  };
}

/** A machine with other work does not get to 250 calls a second; so far any gets. */
const ANY_MACHINE = 50;

/** Calls the records at the rate; all that came in the fullest second. Fails where one is not settled, or the rate not used. */
export async function countFullestSecond(
  { count, records }: { readonly count: number; readonly records: number },
  disturbance: Disturbance,
): Promise<number> {
  const { reason, world, arrivals, inTime } = await callAtRate(
    { count, windowMs: 1_000 },
    records,
    disturbance,
  );
  expect(reason).toBeNull();
  expect(world.recorded.filter((call) => call.settled)).toHaveLength(records);
  expect(arrivals.length).toBeGreaterThanOrEqual(records);
  expect(inTime.every((arrival) => Number.isFinite(arrival))).toBe(true);
  expect(fullestWindow(arrivals, 1_000)).toBeGreaterThan(Math.min(count, ANY_MACHINE) / 2);
  return fullestWindow(inTime, 1_000);
}

/** A second's calls, and how many records make some seconds of it. */
export const rates = [
  { count: 1, records: 4 },
  { count: 5, records: 13 },
  { count: 20, records: 50 },
  { count: 100, records: 250 },
  { count: 500, records: 1_300 },
];
