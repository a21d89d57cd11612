import type { PgBoss } from 'pg-boss';
import { messageOf } from '../../domain/error-words.ts';
import { LedgerError } from '../../ledger/ledger-port.ts';
import type { LedgerAddress, OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { createBoss, queueSchemaOf } from './open-boss.ts';

const POLL_SECONDS = 2;
/**
 * The shortest time that pg-boss accepts. With the watch below, another worker gets a dead worker's request within 20
 * s.
 */
const HEARTBEAT_SECONDS = 10;
const WATCH_SECONDS = 5;
/** How long a request that was handed back waits; otherwise the same worker would get it again at once. */
const HANDED_BACK_SECONDS = 5;
/**
 * The longest time that pg-boss accepts. A run may last longer: the next worker with its request then waits for the
 * job's lock.
 */
const LONGEST_RUN_SECONDS = 86_400;
/** So many that no number of deaths ends a request; only the end of its window does. */
const MOST_TRIES = 100_000;
const STOPPING_MS = 10_000;

/** The worker did not do what was requested: the request goes to another one, or comes again. */
export class HandedBackError extends Error {
  constructor() {
    super('handed back');
  }
}

/** pg-boss reports some of its errors as objects that are no Error, with more fields. */
function wordsOf(error: unknown): string {
  const isTold = typeof error === 'object' && error !== null && 'message' in error;
  return isTold && typeof error.message === 'string' ? error.message : messageOf(error);
}

/**
 * Hands out requests to run jobs, across all processes of a ledger: one at a time for each job. It may be lost at any
 * time, because it knows nothing that the ledger does not know.
 */
export class RunQueue {
  private readonly boss: PgBoss;
  private readonly jobs = new Set<string>();

  private constructor(boss: PgBoss) {
    this.boss = boss;
  }

  /**
   * Makes the queue of an embedded ledger, whose owner is whoever opens it. Rejects with LedgerError where `migrate` has to
   * make a server's first. `trouble` is told what later goes wrong in it.
   */
  static async open(
    ledger: OpenLedger,
    address: LedgerAddress,
    trouble: (sentence: string) => void,
  ): Promise<RunQueue> {
    const schema = await queueSchemaOf(ledger);
    const boss = await createBoss(ledger, address, {
      migrate: ledger.engine === 'embedded',
      superviseIntervalSeconds: WATCH_SECONDS,
      monitorIntervalSeconds: WATCH_SECONDS,
    });
    boss.on('error', (error: unknown) => {
      trouble(wordsOf(error));
    });
    try {
      await boss.start();
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => undefined);
      throw new LedgerError(
        'LEDGER_UNUSABLE',
        `the ledger's database has no queue that serve could use (schema ${schema}: ${messageOf(error)}): start \`kona-enroll migrate\` once, as the ledger's owner`,
        { cause: error },
      );
    }
    return new RunQueue(boss);
  }

  /**
   * Creates the jobs' queues again where they were lost. Rejects where pg-boss's schema is gone or does not answer.
   */
  async ensure(jobs: readonly string[]): Promise<void> {
    for (const job of jobs) if ((await this.boss.getQueue(job)) === null) await this.addJob(job);
  }

  /** Requests a run of a job that `ensure` knows. A request that exists, or existed, changes nothing. */
  async request(job: string, request: string): Promise<void> {
    await this.boss.send(job, {}, { id: request });
  }

  /** Calls `run` with each request of the job. Where it rejects, the request comes again, here or elsewhere. */
  async work(job: string, run: (request: string) => Promise<void>): Promise<void> {
    await this.addJob(job);
    await this.boss.work(job, { pollingIntervalSeconds: POLL_SECONDS }, async (requests) => {
      for (const { id } of requests) await run(id);
    });
  }

  /** Takes no more requests. Resolves when those that were taken are finished or handed back. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.jobs].map(async (job) => {
        await this.boss.offWork(job, { wait: true });
      }),
    );
    await this.boss.stop({ graceful: true, timeout: STOPPING_MS });
  }

  private async addJob(job: string): Promise<void> {
    await this.boss.createQueue(job, {
      policy: 'singleton',
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: LONGEST_RUN_SECONDS,
      retryLimit: MOST_TRIES,
      retryDelay: HANDED_BACK_SECONDS,
    });
    this.jobs.add(job);
  }
}
