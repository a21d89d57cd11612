import pg from 'pg';
import { messageOf } from '../domain/error-words.ts';
import { LedgerError, type Ledger, type Parameter, type Queryable } from './ledger-port.ts';

const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;

/** Settings of every connection to a ledger, also of the lock's own. TLS by the URL's sslmode, as pg reads it. */
export function connectionSettings(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'kona-enroll',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

export interface ServerLedger extends Ledger {
  readonly engine: 'server';
  /** For a server that answers no more: statements under way reject as LEDGER_UNAVAILABLE, whatever becomes of them. */
  abandon(): void;
}

/** A ledger on a PostgreSQL server, 15 or newer. Nothing is connected before the first statement. */
export function openServerLedger(url: string): ServerLedger {
  const pool = new pg.Pool({ ...connectionSettings(url), max: CONNECTIONS });
  const clients = new Set<pg.PoolClient>();
  pool.on('connect', (client) => clients.add(client));
  pool.on('remove', (client) => clients.delete(client));
  // An idle connection that breaks is replaced by the pool; the next statement tells if the server is gone.
  pool.on('error', () => undefined);
  return {
    engine: 'server',
    query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
      await runStatement<Row>(pool, sql, parameters),
    transaction: async (work) => await runTransaction(pool, work),
    abandon: () => {
      // Ended with a statement under way, a client breaks its connection off.
      for (const client of clients) void endClient(client);
    },
    close: async () => {
      await pool.end();
    },
  };
}

async function endClient(client: pg.PoolClient): Promise<void> {
  await client.end().catch(() => undefined);
}

async function runTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asLedgerError(error);
  });
  client.on('error', ignoreError);
  let broken: Error | undefined;
  try {
    await runStatement(client, 'begin');
    const result = await work({
      query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
        await runStatement<Row>(client, sql, parameters),
    });
    await runStatement(client, 'commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.removeListener('error', ignoreError);
    client.release(broken);
  }
}

function ignoreError(): void {
  // The statement under way rejects with the same cause.
}

export async function runStatement<Row extends object>(
  on: pg.Pool | pg.ClientBase,
  sql: string,
  parameters: readonly Parameter[] = [],
): Promise<Row[]> {
  try {
    const result = await on.query(sql, [...parameters]);
    return result.rows as Row[];
  } catch (error) {
    throw asLedgerError(error);
  }
}

/** Classes 08 (connection), 57P (shut down), 53 (resources) and everything without an SQLSTATE: the server is gone. */
export function asLedgerError(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  const sqlState = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  const text = messageOf(error);
  if (sqlState === '' || /^(08|57P|53|28|3D)/.test(sqlState)) {
    return new LedgerError('LEDGER_UNAVAILABLE', `the ledger's database is not available: ${text}`, {
      cause: error,
    });
  }
  return new LedgerError(
    'LEDGER_STATEMENT',
    `the ledger's database refused a statement (${sqlState}): ${text}`,
    {
      cause: error,
    },
  );
}
