import { Socket } from 'node:net';
import pg from 'pg';
import { createBulkCopy } from './bulk-copy.ts';
import { prepareSession } from './server-session.ts';
import { runStatement, runTransaction } from './server-statement.ts';
import type { Ledger, Parameter } from '../ledger-port.ts';

const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;

/** Settings of every connection to a ledger, including the lock's. TLS follows the URL's sslmode, as pg reads it. */
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
  /** What a person should know about the database although it will do, a sentence each. */
  readonly doubts?: readonly string[];
  /**
   * Gives up a server that no longer answers: breaks off every connection, so that statements under way reject as
   * LEDGER_UNAVAILABLE, whatever becomes of them. The next statement connects anew.
   */
  abandon(): void;
}

/** A ledger on a PostgreSQL server, 15 or newer. Nothing is connected before the first statement. */
export function openServerLedger(url: string): ServerLedger {
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    ...connectionSettings(url),
    max: CONNECTIONS,
    // The pool waits for the promise before it lends the connection; its types do not say so.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: prepareSession,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
  });
  // An idle connection that breaks is replaced by the pool; the next statement tells if the server is gone.
  pool.on('error', () => undefined);
  const nameOf = createStatementNames();
  return {
    engine: 'server',
    bulk: createBulkCopy(pool),
    folderIdentity: null,
    query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
      await runStatement<Row>(pool, sql, parameters, nameOf(sql, parameters)),
    transaction: async (work) => await runTransaction(pool, work),
    abandon: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      await pool.end();
    },
  };
}

/** A text gets a name when it comes for this time. The server keeps no text that a run uses once or twice. */
const NAMED_FROM = 8;

/**
 * Names statements that come again and again, so that the server parses and plans each once a connection. That records
 * a set of outcomes, or a mark, in two thirds of the time. Undefined for a text that is sent as it is.
 */
function createStatementNames(): (sql: string, parameters?: readonly Parameter[]) => string | undefined {
  const comings = new Map<string, { readonly name: string; times: number }>();
  return (sql, parameters = []) => {
    if (parameters.length === 0) return undefined;
    const known = comings.get(sql) ?? { name: `kona_${comings.size}`, times: 0 };
    known.times += 1;
    comings.set(sql, known);
    return known.times < NAMED_FROM ? undefined : known.name;
  };
}
