import { Socket } from 'node:net';
import pg from 'pg';
import type { Clock } from '../../domain/clock.ts';
import { LedgerError, type Queryable } from '../ledger-port.ts';
import { connectionSettings } from '../engine/server-ledger.ts';
import { asLedgerError, runStatement } from '../engine/server-statement.ts';
import { prepareSession } from '../engine/server-session.ts';

/** A server that does not answer the lock's connection for so long is gone, even where no packet says so. */
const SILENT_SERVER_MS = 10_000;

/** No packet came, not even a refusal, so statements on other connections may wait in vain too. */
export class SilentServerError extends LedgerError {
  constructor() {
    super(
      'LEDGER_UNAVAILABLE',
      `the ledger's database is not available: no answer for ${SILENT_SERVER_MS / 1000} s`,
    );
    this.name = 'SilentServerError';
  }
}

/** A connection for the lock alone. Its statements are short, so silence means a lost server. */
export interface LockConnection extends Queryable {
  /** Aborted with a LedgerError when the connection is lost. */
  readonly broken: AbortSignal;
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Closes the connection without waiting for a server that does not answer. */
  close(): Promise<void>;
}

export async function connectForLock(url: string, clock: Clock): Promise<LockConnection> {
  const broken = new AbortController();
  const socket = new Socket();
  const client = new pg.Client({
    ...connectionSettings(url),
    connectionTimeoutMillis: 0,
    stream: () => socket,
  });
  client.on('error', (error) => {
    breakOff(asLedgerError(error));
  });

  function breakOff(reason: LedgerError): void {
    broken.abort(reason);
    socket.destroy();
  }

  async function answered<Result>(asked: Promise<Result>): Promise<Result> {
    const answer = new AbortController();
    void clock.sleep(SILENT_SERVER_MS, answer.signal).then(() => {
      if (!answer.signal.aborted) breakOff(new SilentServerError());
    });
    try {
      return await asked;
    } catch (error) {
      const failure = asLedgerError(error);
      if (failure.code === 'LEDGER_UNAVAILABLE') breakOff(failure);
      throw broken.signal.aborted ? (broken.signal.reason as LedgerError) : failure;
    } finally {
      answer.abort();
    }
  }

  const query: Queryable['query'] = async <Row extends object>(
    sql: string,
    parameters: Parameters<Queryable['query']>[1] = [],
  ) => await answered(runStatement<Row>(client, sql, parameters));

  await answered(client.connect());
  await answered(prepareSession(client));
  return {
    broken: broken.signal,
    query,
    transaction: async (work) => {
      await query('begin');
      try {
        const result = await work();
        await query('commit');
        return result;
      } catch (error) {
        await query('rollback').catch(() => undefined);
        throw error;
      }
    },
    close: async () => {
      if (!broken.signal.aborted) await client.end().catch(() => undefined);
    },
  };
}
