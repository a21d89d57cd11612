import pg from 'pg';
import type { Clock } from '../domain/clock.ts';
import type { EmbeddedLedger } from './embedded-ledger.ts';
import { onlyRow, type Queryable } from './ledger-port.ts';
import { asLedgerError, connectionSettings, runStatement } from './server-ledger.ts';

/** Who works on a job: shown to the second starter. */
export interface JobHolder {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

export interface JobLease {
  /**
   * False when the last beat that went through is so old that somebody may have taken the job over:
   * no call may be sent then. True again after the next beat.
   */
  isFresh(): boolean;
  /** Aborted when the lock is surely lost: taken over, or its connection broke. The reason is an Error. */
  readonly lost: AbortSignal;
  /** What `status` in another process shows. Kept with the next beat. */
  publish(progress: unknown): void;
  release(): Promise<void>;
}

export type JobLockResult =
  | { readonly kind: 'taken'; readonly lease: JobLease }
  | { readonly kind: 'held'; readonly holder: JobHolder };

const BEAT_MS = 2_000;
/** A holder that has not beaten for this long is dead or stopped, whatever its connection says. */
const STALE_SECONDS = 15;
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
): Promise<JobLockResult> {
  const client = new pg.Client(connectionSettings(url));
  const lost = new AbortController();
  client.on('error', (error) => {
    lost.abort(asLedgerError(error));
  });
  try {
    await client.connect();
    const attempt = await takeLock(client, job, me);
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

async function takeLock(
  client: pg.Client,
  job: string,
  me: { host: string; pid: number },
): Promise<LockAttempt> {
  await runStatement(client, 'begin');
  try {
    const row = await lockJobRow(onClient(client), job);
    let generation = row.generation;
    if (!(await tryAdvisoryLock(client, job, generation))) {
      if (!row.stale) {
        await runStatement(client, 'rollback');
        return { kind: 'held', holder: holderOf(row) };
      }
      generation += 1;
      const taken = await tryAdvisoryLock(client, job, generation);
      if (!taken)
        throw new Error(`job ${job}: the lock of generation ${generation} can't be held by anybody`);
    }
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
async function tryAdvisoryLock(client: pg.Client, job: string, generation: number): Promise<boolean> {
  const rows = await runStatement<{ taken: boolean }>(
    client,
    `select pg_try_advisory_lock(hashtextextended(
       concat_ws(':', 'kona-enroll', current_schema(), $1::text, $2::text), 0)) as taken`,
    [job, String(generation)],
  );
  return onlyRow(rows).taken;
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
    if (!ended.signal.aborted) lost.abort(error);
  });
  return {
    isFresh: () => clock.monotonic() - lastBeat < FRESH_MS && !lost.signal.aborted,
    lost: lost.signal,
    publish: (next) => {
      progress = next;
    },
    release: async () => {
      ended.abort();
      await beating;
      await client
        .query('update job set beat_at = null, progress = null where name = $1 and generation = $2', [
          job,
          generation,
        ])
        .catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
}

/** On the embedded ledger the folder's lock has decided already; what is left is to say how far we are. */
export function lockJobOnFolder(
  ledger: EmbeddedLedger,
  job: string,
  me: { host: string; pid: number },
  clock: Clock,
): JobLease {
  const PUBLISH_MS = 1_000;
  const since = clock.now().toISOString();
  let progress: unknown = null;
  const ended = new AbortController();

  function tell(): void {
    ledger.publish({
      ...me,
      since,
      beatAt: clock.now().toISOString(),
      progress: { job, ...asObject(progress) },
    });
  }

  async function keepTelling(): Promise<void> {
    while (!ended.signal.aborted) {
      tell();
      await clock.sleep(PUBLISH_MS, ended.signal);
    }
  }

  const telling = keepTelling();
  return {
    isFresh: () => true,
    lost: new AbortController().signal,
    publish: (next) => {
      progress = next;
    },
    release: async () => {
      ended.abort();
      await telling;
    },
  };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

export interface LiveJob {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly since: Date;
  readonly beat_at: Date;
  readonly progress: unknown;
}

/** Jobs whose holder has beaten lately, on server Postgres. */
export async function readLiveJobs(on: Queryable): Promise<LiveJob[]> {
  return await on.query<LiveJob>(
    `select name, host, pid, since, beat_at, progress from job
     where beat_at >= clock_timestamp() - make_interval(secs => $1) order by name`,
    [STALE_SECONDS],
  );
}
