import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { JobLock } from '../../src/ledger/locks/job-lock.ts';
import type { OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { OvertakenError } from '../../src/ledger/ledger-port.ts';
import { createPatience, noPatience } from '../../src/ledger/engine/patience.ts';
import { lockJobOnServer, type ServerLockOptions } from '../../src/ledger/locks/server-job-lock.ts';
import { readLiveJobs } from '../../src/ledger/locks/live-jobs.ts';
import { layCable } from '../support/ledger-cable.ts';
import { until } from '../support/stub-clock.ts';
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

/** Short sleeps end at once, for the tries of somebody who is refused; long ones only when they are called off. */
const hasty: Clock = {
  now: () => new Date(0),
  monotonic: () => 0,
  sleep: async (ms, signal) => {
    if (ms > 1_000 && signal !== undefined) await once(signal, 'abort');
  },
};

function urlOf(world: LedgerWorld): string {
  if (world.address.kind !== 'server') throw new Error('not a server');
  return world.address.url;
}

const options: ServerLockOptions = { patience: noPatience, onSilence: () => undefined };

async function take(
  world: LedgerWorld,
  clock: Clock,
  pid: number,
  other: Partial<ServerLockOptions> = {},
): Promise<JobLock> {
  const me = { host: 'here', pid };
  const result = await lockJobOnServer(urlOf(world), 'nightly', me, clock, { ...options, ...other });
  if (result.kind === 'held') throw new Error('held');
  return result.lock;
}

/** As a process on another machine. */
async function lockAs(world: LedgerWorld, job: string, pid: number, clock: Clock) {
  return await lockJobOnServer(urlOf(world), job, { host: 'there', pid }, clock, options);
}

onServer(
  'one holder a job; the second is told who, and gets it when the first lets go (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const first = await take(setup.world, createHandClock(), 1);
    const second = await lockAs(setup.world, 'nightly', 2, hasty);
    expect(second).toMatchObject({ kind: 'held', holder: { host: 'here', pid: 1 } });
    const other = await lockAs(setup.world, 'other', 2, createHandClock());
    expect(other.kind).toBe('taken');
    if (other.kind === 'taken') await other.lock.release();
    await first.release();
    const third = await take(setup.world, createHandClock(), 3);
    await third.release();
    expect(await readLiveJobs(setup.ledger)).toEqual([]);
  },
);

onServer('a job whose process died is live no more, however young its beat (server Postgres)', async () => {
  await using setup = await openTestLedger(serverEngine);
  const lock = await take(setup.world, createHandClock(), 1);
  expect(await readLiveJobs(setup.ledger)).toMatchObject([{ name: 'nightly', pid: 1 }]);
  // The server frees the lock with the connection of a process that is killed.
  await setup.ledger.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
     where l.locktype = 'advisory' and d.datname = current_database()
       and (l.classid::bigint << 32) | l.objid::bigint =
         (select hashtextextended(concat_ws(':', 'kona-enroll', current_schema(), name, generation::text), 0) from job)`,
  );
  await vi.waitFor(async () => {
    expect(await readLiveJobs(setup.ledger)).toEqual([]);
  });
  const beats = `select count(*)::integer as young from job where beat_at > clock_timestamp() - interval '120 seconds'`;
  expect(await setup.ledger.query(beats)).toEqual([{ young: 1 }]);
  await lock.release();
});

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
    const third = await lockAs(setup.world, 'nightly', 3, hasty);
    expect(third).toMatchObject({ kind: 'held', holder: { pid: 2 } });
    expect(next.lost.aborted).toBe(false);
    await next.release();
  },
);

onServer(
  'a lock that has not beaten for ten seconds is not fresh, before anybody may take it (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const clock = createHandClock();
    const lock = await take(setup.world, clock, 1);
    expect(lock.isFresh()).toBe(true);
    await clock.advance(1_999);
    expect(lock.isFresh()).toBe(true);
    await clock.advance(8_001);
    expect(lock.isFresh()).toBe(false);
    await lock.release();
  },
);

/** Ends the connection that holds the advisory lock of the job's generation, at the server. */
async function endLockConnection(ledger: OpenLedger): Promise<void> {
  const ended = await ledger.query(
    `select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.pid <> pg_backend_pid()
       and l.objid = (hashtextextended(concat_ws(':', 'kona-enroll', current_schema(), 'nightly', (select generation from job where name = 'nightly')::text), 0) & 4294967295)::oid`,
  );
  expect(ended).toHaveLength(1);
}

async function readGeneration(ledger: OpenLedger): Promise<unknown> {
  return (await ledger.query(`select generation from job where name = 'nightly'`))[0];
}

onServer(
  'a lock whose connection breaks is not fresh until it was taken again (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const clock = createHandClock();
    const lock = await take(setup.world, clock, 1);
    const generation = await readGeneration(setup.ledger);
    await endLockConnection(setup.ledger);
    await until(() => !lock.isFresh());
    await clock.advance(2_000);
    await until(() => lock.isFresh());
    expect(await readGeneration(setup.ledger)).toEqual(generation);
    expect(await lockAs(setup.world, 'nightly', 2, hasty)).toMatchObject({
      kind: 'held',
      holder: { pid: 1 },
    });
    await setup.ledger.transaction(async (transaction) => {
      await lock.fence(transaction);
    });
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
  },
);

onServer(
  'a lock whose old connection the server does not know to be dead is had in a next generation (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    await using cable = await layCable(urlOf(setup.world));
    const clock = createHandClock();
    let silences = 0;
    const me = { host: 'here', pid: 1 };
    const onSilence = (): void => {
      silences += 1;
    };
    await setup.ledger.query(`insert into job (name, generation) values ('nightly', 41)`);
    const patience = createPatience({
      clock: hasty,
      chance: () => 0,
      waiting: () => undefined,
      back: () => undefined,
    });
    const taken = await lockJobOnServer(cable.databaseUrl, 'nightly', me, clock, { patience, onSilence });
    if (taken.kind === 'held') throw new Error('held');
    const { lock } = taken;
    expect(await readGeneration(setup.ledger)).toEqual({ generation: 42 });
    cable.silenceLocks();
    await clock.advance(2_000);
    await clock.advance(10_000);
    await until(() => lock.isFresh());
    expect(silences).toBe(1);
    expect(await readGeneration(setup.ledger)).toEqual({ generation: 43 });
    expect(await lockAs(setup.world, 'nightly', 2, hasty)).toMatchObject({ kind: 'held' });
    await lock.release();
    const next = await take(setup.world, createHandClock(), 3);
    expect(await readGeneration(setup.ledger)).toEqual({ generation: 44 });
    await next.release();
  },
);

onServer('a lock that another took while its connection was broken is lost (server Postgres)', async () => {
  await using setup = await openTestLedger(serverEngine);
  const clock = createHandClock();
  const lock = await take(setup.world, clock, 1);
  await endLockConnection(setup.ledger);
  await until(() => !lock.isFresh());
  // The same host and pid, as two containers may have them.
  const other = await take(setup.world, createHandClock(), 1);
  await clock.advance(2_000);
  await until(() => lock.lost.aborted);
  expect(lock.lost.reason).toBeInstanceOf(OvertakenError);
  await expect(
    setup.ledger.transaction(async (transaction) => {
      await lock.fence(transaction);
    }),
  ).rejects.toBeInstanceOf(OvertakenError);
  await lock.release();
  expect(await lockAs(setup.world, 'nightly', 2, hasty)).toMatchObject({ kind: 'held' });
  expect(other.lost.aborted).toBe(false);
  await other.release();
});

onServer(
  'a database that does not come back loses the lock with its own reason (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    await using cable = await layCable(urlOf(setup.world));
    const clock = createHandClock();
    const taken = await lockJobOnServer(
      cable.databaseUrl,
      'nightly',
      { host: 'here', pid: 1 },
      clock,
      options,
    );
    if (taken.kind === 'held') throw new Error('held');
    await cable.cut();
    await clock.advance(2_000);
    await until(() => taken.lock.lost.aborted);
    expect(taken.lock.lost.reason).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await taken.lock.release();
  },
);

onServer(
  'a long fenced transaction holds up no beat, and nobody takes the job meanwhile (server Postgres)',
  async () => {
    await using setup = await openTestLedger(serverEngine);
    const clock = createHandClock();
    const lock = await take(setup.world, clock, 1);
    await setup.ledger.transaction(async (transaction) => {
      await lock.fence(transaction);
      await transaction.query('select 1');
      await clock.advance(9_000);
      await clock.advance(2_000);
      await until(() => lock.isFresh());
      expect(await lockAs(setup.world, 'nightly', 2, hasty)).toMatchObject({
        kind: 'held',
        holder: { pid: 1 },
      });
    });
    await lock.release();
  },
);
