import { Pool } from 'undici';
import { createConnector, type TransportSettings } from './connector.ts';

export interface PoolOptions {
  /** At most so many are open; each carries one call at a time. */
  readonly connections: number;
  /** A call's deadline, which connecting must not outlast. */
  readonly timeoutMs: number;
  readonly transport: TransportSettings;
}

/** Below the 5 s after which common servers drop an idle connection. */
const KEEP_ALIVE_MS = 4_000;
/** How much sooner than a server announces (`Keep-Alive: timeout=5`) an idle connection is left; none is kept for less. */
const KEEP_ALIVE_MARGIN_MS = 2_000;
const MAX_CONNECT_MS = 5_000;

/** HTTP/2 would send again by itself after GOAWAY; undici's own time-outs are coarse, so the deadline is ours. */
export function createConnectionPool(origin: string, options: PoolOptions): Pool {
  return new Pool(origin, {
    connections: options.connections,
    connect: createConnector(options.transport, connectTimeoutOf(options.timeoutMs)),
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** A connection that does not stand by then is given up, and its call was not sent. */
export function connectTimeoutOf(timeoutMs: number): number {
  return Math.min(timeoutMs, MAX_CONNECT_MS);
}
