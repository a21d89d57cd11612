import { expect, test } from 'vitest';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { hasHaproxy, hasNginx, startHaproxy, startNginx, type Gateway } from '../support/gateways.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

/** Runs the job with a gateway between it and the provider. */
async function runBehind(world: EnrolmentWorld, gateway: Gateway) {
  const base = new URL(world.sandbox.baseUrl);
  const env = { ...world.env, KONA_BASE_URL: `${gateway.origin}${base.pathname.replace(/\/$/, '')}` };
  const end = await runProgram(['run', 'job.yaml', '--json', '--quiet'], { cwd: world.cwd, env });
  return summaryOf(end);
}

function portOf(world: EnrolmentWorld): number {
  return Number(new URL(world.sandbox.baseUrl).port);
}

test.skipIf(!hasNginx)('10/s pass a limit of 20/s that allows no burst (nginx)', async () => {
  await using world = await createWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 5 } },
    job: 'limits: { rate: 10/s, concurrency: 16, timeout: 5s }',
  });
  await world.writeList('list.csv', listOf(200));
  const gateway = await startNginx({
    upstreamPort: portOf(world),
    http: 'limit_req_zone $binary_remote_addr zone=z:1m rate=20r/s;',
    location: 'limit_req zone=z; limit_req_status 429;',
  });
  const summary = await runBehind(world, gateway);
  expect([summary.exitCode, classesOf(summary)]).toEqual([0, { enrolled: 200 }]);
  // Two of them refused at most.
  expect(summary.calls).toBeLessThanOrEqual(202);
});

/** A list whose provider takes its time, so that more than four calls would be under way. */
async function createSlowWorld(): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 150 } },
    job: 'limits: { rate: 100/s, concurrency: 16, timeout: 5s }\nretry: { backoff: 100ms..2s }',
  });
  await world.writeList('list.csv', listOf(200));
  return world;
}

test.skipIf(!hasNginx)('a limit of four connections is found and kept to (nginx)', async () => {
  await using world = await createSlowWorld();
  const gateway = await startNginx({
    upstreamPort: portOf(world),
    http: 'limit_conn_zone $binary_remote_addr zone=c:1m;',
    location: 'limit_conn c 4;',
  });
  const summary = await runBehind(world, gateway);
  expect([summary.exitCode, classesOf(summary)]).toEqual([0, { enrolled: 200 }]);
  expect(summary.calls).toBeLessThanOrEqual(240);
  expect(summary.rate.concurrencyLearnt).toBe(4);
});

test.skipIf(!hasHaproxy)('so is a queue of four that is not waited for (haproxy)', async () => {
  await using world = await createSlowWorld();
  const gateway = await startHaproxy({
    upstreamPort: portOf(world),
    server: 'maxconn 4',
    defaults: 'timeout queue 100ms',
  });
  const summary = await runBehind(world, gateway);
  expect([summary.exitCode, classesOf(summary)]).toEqual([0, { enrolled: 200 }]);
  expect(summary.calls).toBeLessThanOrEqual(260);
});

test.skipIf(!hasHaproxy)('so are four connections beyond which none is taken up (haproxy)', async () => {
  const RECORDS = 400;
  await using world = await createWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 100 } },
    job: 'limits: { rate: 100/s, concurrency: 16, timeout: 1s }\nretry: { backoff: 100ms..1s }',
  });
  await world.writeList('list.csv', listOf(RECORDS));
  const gateway = await startHaproxy({
    upstreamPort: portOf(world),
    frontend: 'maxconn 4\n  backlog 100',
  });
  const summary = await runBehind(world, gateway);
  expect(summary.exitCode).toBe(0);
  // The provider may have been called for those that nobody waited for any more.
  const { enrolled = 0, recovered = 0, ...others } = classesOf(summary);
  expect([enrolled + recovered, others]).toEqual([RECORDS, {}]);
  expect(summary.calls).toBeLessThanOrEqual(RECORDS + 50);
});

test.skipIf(!hasHaproxy)('and so is a line of four in which calls wait for too long (haproxy)', async () => {
  const RECORDS = 150;
  await using world = await createWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 300 } },
    job: 'limits: { rate: 300/s, concurrency: 16, timeout: 1s }\nretry: { backoff: 100ms..1s }',
  });
  await world.writeList('list.csv', listOf(RECORDS));
  const gateway = await startHaproxy({
    upstreamPort: portOf(world),
    server: 'maxconn 4',
    defaults: 'timeout queue 30s',
  });
  const summary = await runBehind(world, gateway);
  expect(summary.exitCode).toBe(0);
  const { enrolled = 0, recovered = 0, ...others } = classesOf(summary);
  expect([enrolled + recovered, others]).toEqual([RECORDS, {}]);
  expect(summary.calls).toBeLessThanOrEqual(RECORDS + 75);
});
