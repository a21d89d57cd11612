import { Client, Pool } from 'undici';
import { CallExchange } from './call-exchange.ts';
import { createConnector, type TransportSettings } from './connector.ts';
import { IdlePatience, KeptConnection } from './kept-connection.ts';

export interface PoolOptions {
  /** Largest number of open connections; each carries one call at a time. */
  readonly connections: number;
  /** A call's deadline; connecting must not take longer. */
  readonly timeoutMs: number;
  readonly transport: TransportSettings;
}

/** Longest time an idle connection is kept, whatever a server announces; `IdlePatience` shortens it. */
const KEEP_ALIVE_MS = 4_000;
/**
 * How much sooner than a server announces (`Keep-Alive: timeout=5`) an idle connection is closed. A connection with a
 * shorter time than this is not kept.
 */
const KEEP_ALIVE_MARGIN_MS = 2_000;
const MAX_CONNECT_MS = 5_000;
/**
 * Limit of an answer's headers. Gateways add cookies and policies; undici counts names and values and refuses an
 * answer that reaches the limit.
 */
const LARGEST_HEADERS = 64 * 1024 + 1;

/**
 * Creates the pool. HTTP/2 is off, because it would send again by itself after GOAWAY. undici's own time-outs are too
 * coarse, so the deadline is ours.
 */
export function createConnectionPool(origin: string, options: PoolOptions): Pool {
  const connect = createConnector(options.transport, connectTimeoutOf(options.timeoutMs));
  const patience = new IdlePatience();
  return new Pool(origin, {
    connections: options.connections,
    factory: (address: URL, given: object) => createClient(address, given, new KeptConnection(patience)),
    connect,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    maxHeaderSize: LARGEST_HEADERS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  /** Creates one connection of the pool; every call it carries reports its beginning and end to the connection. */
  function createClient(address: URL, given: Client.Options, kept: KeptConnection): Client {
    const client = new Client(address, { ...given, connect: kept.watch(connect) });
    const dispatch = client.dispatch.bind(client);
    client.dispatch = (call, handler) => {
      if (handler instanceof CallExchange) handler.carryOn(kept);
      return dispatch(call, handler);
    };
    return client;
  }
}

/** Returns how long connecting may take. After that the connection is given up, and its call was not sent. */
export function connectTimeoutOf(timeoutMs: number): number {
  return Math.min(timeoutMs, MAX_CONNECT_MS);
}
