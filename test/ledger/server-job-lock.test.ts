import { expect, test } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { JobLease } from '../../src/ledger/job-lease.ts';
import { lockJobOnServer } from '../../src/ledger/server-job-lock.ts';
import { readLiveJobs } from '../../src/ledger/job-lease.ts';
import { openTestLedger, serverEngine, type LedgerWorld } from '../support/ledgers.ts';

const onServer = serverEngine.missing ? test.skip : test;

/** Time that passes only when it is slept: a beat comes when the test lets it. */
function createHandClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 0;
  let sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => new Date(now),
    monotonic: () => now,
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) return;
      await new Promise<void>((resolve) => {
        sleepers.push({ at: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => {
          resolve();
        });
      });
    },
    advance: async (ms) => {
      now += ms;
      const due = sleepers.filter((sleeper) => sleeper.at <= now);
      sleepers = sleepers.filter((sleeper) => sleeper.at > now);
      for (const sleeper of due) sleeper.wake();
      await Promise.resolve();
    },
  };
}

/** Sleeps that end at once: for the tries of somebody who is refused. */
const hasty: Clock = {
  now: () => new Date(0),
  monotonic: () => 0,
  sleep: async () => await Promise.resolve(),
};

function urlOf(world: LedgerWorld): string {
  if (world.address.kind !== 'server') throw new Error('not a server');
  return world.address.url;
}

async function take(world: LedgerWorld, clock: Clock, pid: number): Promise<JobLease> {
  const result = await lockJobOnServer(urlOf(world), 'nightly', { host: 'here', pid }, clock);
  if (result.kind === 'held') throw new Error('held');
  return result.lease;
}

onServer(
  'one holder a job; the second is told who, and gets it when the first lets go (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const first = await take(setup.world, createHandClock(), 1);
    const second = await lockJobOnServer(urlOf(setup.world), 'nightly', { host: 'there', pid: 2 }, hasty);
    expect(second).toMatchObject({ kind: 'held', holder: { host: 'here', pid: 1 } });
    const other = await lockJobOnServer(
      urlOf(setup.world),
      'other',
      { host: 'there', pid: 2 },
      createHandClock(),
    );
    expect(other.kind).toBe('taken');
    if (other.kind === 'taken') await other.lease.release();
    await first.release();
    const third = await take(setup.world, createHandClock(), 3);
    await third.release();
    expect(await readLiveJobs(setup.ledger)).toEqual([]);
  },
);

onServer(
  'a silent holder is overtaken, learns it at its next beat, and its late death opens nothing (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const clock = createHandClock();
    const silent = await take(setup.world, clock, 1);
    await setup.ledger.query(`update job set beat_at = beat_at - interval '16 seconds'`);
    const next = await take(setup.world, createHandClock(), 2);
    const lost = new Promise<void>((resolve) => {
      silent.lost.addEventListener('abort', () => {
        resolve();
      });
    });
    await clock.advance(2_000);
    await lost;
    expect(silent.isFresh()).toBe(false);
    await silent.release();
    const third = await lockJobOnServer(urlOf(setup.world), 'nightly', { host: 'there', pid: 3 }, hasty);
    expect(third).toMatchObject({ kind: 'held', holder: { pid: 2 } });
    expect(next.lost.aborted).toBe(false);
    await next.release();
  },
);

onServer(
  'a lease that has not beaten for ten seconds is not fresh, before anybody may take it (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const clock = createHandClock();
    const lease = await take(setup.world, clock, 1);
    expect(lease.isFresh()).toBe(true);
    await clock.advance(1_999);
    expect(lease.isFresh()).toBe(true);
    await clock.advance(8_001);
    expect(lease.isFresh()).toBe(false);
    await lease.release();
  },
);

onServer('a lock whose connection breaks is lost (server Postgres)', async () => {
  await using setup = await openTestLedger(serverEngine);
  const lease = await take(setup.world, createHandClock(), 1);
  const lost = new Promise<void>((resolve) => {
    lease.lost.addEventListener('abort', () => {
      resolve();
    });
  });
  await setup.ledger.query(
    `select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.pid <> pg_backend_pid()
       and l.objid = (hashtextextended(concat_ws(':', 'kona-enroll', current_schema(), 'nightly', (select generation from job where name = 'nightly')::text), 0) & 4294967295)::oid`,
  );
  await lost;
  expect(lease.lost.reason).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  await lease.release();
});
