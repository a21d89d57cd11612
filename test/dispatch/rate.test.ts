import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { RateLimit } from '../../src/dispatch/permit-gate.ts';
import { createProviderClient, type ProviderClient } from '../../src/konaplate/provider-client.ts';
import type { CallLogEntry } from '../../src/sandbox/call-log.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';
import { fullestWindow } from './windows.ts';

/** What the gate reckons a call needs from our socket to the provider at most. */
const TRANSIT = 30;
const CONCURRENCY = 16;

interface RemoteSandbox extends Pick<Sandbox, 'baseUrl' | 'credentials'> {
  /** Ends it. */
  calls(): Promise<readonly CallLogEntry[]>;
}

async function startRemoteSandbox(): Promise<RemoteSandbox> {
  const worker = new Worker(new URL('sandbox-thread.ts', import.meta.url));
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

/** Calls so many records at a rate over real sockets; `interfere` is told of each set of outcomes recorded. */
async function callAtRate(rate: RateLimit, records: number, interfere: (sets: number) => void) {
  const sandbox = await startRemoteSandbox();
  const departures = new Map<string, number>();
  const client = createProviderClient({
    ...sandbox.credentials,
    baseUrl: sandbox.baseUrl,
    timeZone: 'KST',
    encryption: null,
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
    beforeWrite: (what) => {
      if (what === 'record') interfere((sets += 1));
    },
  });
  const reason = await world.run();
  await client.close();
  const calls = await sandbox.calls();
  const arrivals = calls.map((call) => call.arrivedAt);
  // On a machine too busy to read a socket within the transit time the call counts as there by then.
  const latest = calls.map((call) => (departures.get(call.correlationId ?? '') ?? NaN) + TRANSIT);
  return {
    reason,
    world,
    arrivals,
    inTime: arrivals.map((arrival, at) => Math.min(arrival, latest[at] ?? NaN)),
  };
}

function isQuiet(): void {
  // Nothing disturbs the run.
}

/** This thread stands still: no timer fires and no socket is read. */
function blockThread(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe.each([
  { count: 50, records: 130 },
  { count: 500, records: 1_300 },
])('at $count/s', ({ count, records }) => {
  const rate = { count, windowMs: 1_000 };

  test.each([
    ['undisturbed', isQuiet],
    [
      'when our own thread stands still for 1.5 s',
      (sets: number): void => {
        if (sets === 20) blockThread(1_500);
      },
    ],
  ])('%s no second holds more calls than allowed', async (_, interfere) => {
    const { reason, world, arrivals, inTime } = await callAtRate(rate, records, interfere);
    expect(reason).toBeNull();
    expect(arrivals).toHaveLength(records);
    expect(world.recorded.filter((call) => call.outcome === 'enrolled')).toHaveLength(records);
    expect(inTime.every((arrival) => Number.isFinite(arrival))).toBe(true);
    expect(fullestWindow(inTime, rate.windowMs)).toBeLessThanOrEqual(count);
    expect(fullestWindow(arrivals, rate.windowMs)).toBeGreaterThan(count / 2);
  });
});
