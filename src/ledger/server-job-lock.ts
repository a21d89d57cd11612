import pg from 'pg';
import type { Clock } from '../domain/clock.ts';
import { STALE_SECONDS, type JobHolder, type JobLease, type JobLockResult } from './job-lease.ts';
import { onlyRow, OvertakenError, type Queryable } from './ledger-port.ts';
import { asLedgerError, connectionSettings, runStatement } from './server-ledger.ts';

const BEAT_MS = 2_000;
/** A server that does not answer the lock's connection for so long is gone, also when no packet says so. */
const SILENT_SERVER_MS = 10_000;
const TRIES_OF_A_START = 5;
const BETWEEN_TRIES_MS = 200;
/** A process stops sending well before others may take over. */
const FRESH_MS = 10_000;

interface JobRow {
  generation: number;
  host: string | null;
  pid: number | null;
  since: Date | null;
  stale: boolean;
}

/**
 * One live run a job, on server Postgres: a session advisory lock on a connection of its own, which the server
 * drops with the process, and a beat for the case that it does not (dead host, stopped process). A lock taken from
 * a silent holder gets a new generation, so that the old holder's lock, freed later, opens nothing.
 */
export async function lockJobOnServer(
  url: string,
  job: string,
  me: { host: string; pid: number },
  clock: Clock,
  tries = TRIES_OF_A_START,
): Promise<JobLockResult> {
  const client = new pg.Client({ ...connectionSettings(url), query_timeout: SILENT_SERVER_MS });
  const lost = new AbortController();
  client.on('error', (error) => {
    lost.abort(asLedgerError(error));
  });
  try {
    await client.connect();
    const attempt = await takeLockSoon(client, job, me, clock, tries);
    if (attempt.kind === 'taken') {
      return { kind: 'taken', lease: startBeating(client, job, attempt.generation, clock, lost) };
    }
    await client.end();
    return attempt;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw asLedgerError(error);
  }
}

type LockAttempt =
  | { readonly kind: 'taken'; readonly generation: number }
  | { readonly kind: 'held'; readonly holder: JobHolder };

/** The server needs a moment to notice that a killed holder is gone: not the first no counts. */
async function takeLockSoon(
  client: pg.Client,
  job: string,
  me: { host: string; pid: number },
  clock: Clock,
  most: number,
): Promise<LockAttempt> {
  for (let tries = 1; ; tries += 1) {
    const attempt = await takeLock(client, job, me);
    if (attempt.kind === 'taken' || tries >= most) return attempt;
    await clock.sleep(BETWEEN_TRIES_MS);
  }
}

async function takeLock(
  client: pg.Client,
  job: string,
  me: { host: string; pid: number },
): Promise<LockAttempt> {
  await runStatement(client, 'begin');
  try {
    const row = await lockJobRow(onClient(client), job);
    const isFree = await tryAdvisoryLock(client, job, row.generation);
    if (!isFree && !row.stale) {
      await runStatement(client, 'rollback');
      return { kind: 'held', holder: holderOf(row) };
    }
    // A generation of its own for every holder: whoever had the job before can neither beat nor write for it.
    const generation = row.generation + 1;
    const taken = await tryAdvisoryLock(client, job, generation);
    if (!taken) throw new Error(`job ${job}: the lock of generation ${generation} can't be held by anybody`);
    if (isFree) await unlockAdvisory(client, job, row.generation);
    await runStatement(
      client,
      `update job set generation = $2, host = $3, pid = $4, since = clock_timestamp(), beat_at = clock_timestamp(),
              progress = null
       where name = $1`,
      [job, generation, me.host, me.pid],
    );
    await runStatement(client, 'commit');
    return { kind: 'taken', generation };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

function onClient(client: pg.Client): Queryable {
  return { query: async (sql, parameters) => await runStatement(client, sql, parameters) };
}

async function lockJobRow(on: Queryable, job: string): Promise<JobRow> {
  await on.query('insert into job (name) values ($1) on conflict (name) do nothing', [job]);
  return onlyRow(
    await on.query<JobRow>(
      `select generation, host, pid, since,
              beat_at is null or beat_at < clock_timestamp() - make_interval(secs => $2) as stale
       from job where name = $1 for update`,
      [job, STALE_SECONDS],
    ),
  );
}

function holderOf(row: JobRow): JobHolder {
  return {
    host: row.host ?? 'unknown host',
    pid: row.pid ?? 0,
    since: row.since?.toISOString() ?? 'unknown',
  };
}

/** The schema is part of the key: two ledgers in one database don't share their locks. */
const LOCK_KEY = `hashtextextended(concat_ws(':', 'kona-enroll', current_schema(), $1::text, $2::text), 0)`;

async function tryAdvisoryLock(client: pg.Client, job: string, generation: number): Promise<boolean> {
  const sql = `select pg_try_advisory_lock(${LOCK_KEY}) as taken`;
  return onlyRow(await runStatement<{ taken: boolean }>(client, sql, [job, String(generation)])).taken;
}

async function unlockAdvisory(client: pg.Client, job: string, generation: number): Promise<void> {
  await runStatement(client, `select pg_advisory_unlock(${LOCK_KEY})`, [job, String(generation)]);
}

/** So that `status` shows the job as live no longer. Not on a connection that is lost: it would be waited for again. */
async function clearBeat(client: pg.Client, job: string, generation: number): Promise<void> {
  const sql = 'update job set beat_at = null, progress = null where name = $1 and generation = $2';
  await client.query(sql, [job, generation]).catch(() => undefined);
}

function startBeating(
  client: pg.Client,
  job: string,
  generation: number,
  clock: Clock,
  lost: AbortController,
): JobLease {
  let lastBeat = clock.monotonic();
  let progress: unknown = null;
  const ended = new AbortController();

  async function beat(): Promise<void> {
    const asOf = clock.monotonic();
    const rows = await runStatement<{ name: string }>(
      client,
      `update job set beat_at = clock_timestamp(), progress = $3 where name = $1 and generation = $2 returning name`,
      [job, generation, JSON.stringify(progress)],
    );
    if (rows.length === 0) throw new Error('another process has taken this job over');
    lastBeat = asOf;
  }

  async function keepBeating(): Promise<void> {
    for (;;) {
      await clock.sleep(BEAT_MS, ended.signal);
      if (ended.signal.aborted) return;
      await beat();
    }
  }

  const beating = keepBeating().catch((error: unknown) => {
    lost.abort(error);
  });
  return {
    isFresh: () => clock.monotonic() - lastBeat < FRESH_MS && !lost.signal.aborted,
    lost: lost.signal,
    fence: async (transaction) => {
      const held = await transaction.query(
        'select 1 as held from job where name = $1 and generation = $2 for share',
        [job, generation],
      );
      if (held.length === 0 || lost.signal.aborted) throw new OvertakenError();
    },
    publish: (next) => {
      progress = next;
    },
    release: async () => {
      ended.abort();
      await beating;
      if (!lost.signal.aborted) await clearBeat(client, job, generation);
      await client.end().catch(() => undefined);
    },
  };
}
