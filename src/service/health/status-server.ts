import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { codeOf, messageOf } from '../../domain/error-words.ts';
import type { Health } from './heartbeat.ts';

export type ListenAddress =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      /** 0: any free port. */
      readonly port: number;
    }
  /** A socket in the file system, for whoever stands before us on this machine. */
  | { readonly kind: 'unix'; readonly path: string };

export interface StatusServer {
  /** `http://host:port`, or `unix:/path`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Returns whether only this machine can reach the address. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const { host } = address;
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** As people write it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const { host, port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The address is in use, or this machine does not have it. */
class ListenError extends Error {
  readonly code = 'SERVE_LISTEN_FAILED';
}

const SOCKET_MODE = 0o660;

const STATUS_PATHS = new Set(['/healthz', '/metrics']);

/** `127.0.0.1:8080`, `[::1]:8080`, `unix:/path/socket`; null: it is no such address. */
export function parseListenAddress(text: string): ListenAddress | null {
  const path = /^unix:(?<path>\/[^\0]+)$/.exec(text)?.groups?.['path'];
  if (path !== undefined) return { kind: 'unix', path };
  const { host, bare, port } =
    /^(?:\[(?<host>[0-9a-fA-F:.]+)\]|(?<bare>[^\s:[\]]+)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  const name = host ?? bare;
  return name === undefined || Number(port) > 65_535 ? null : { kind: 'tcp', host: name, port: Number(port) };
}

/** What the server answers. */
export interface StatusPages {
  readonly health: () => Health;
  /** Returns the metrics in Prometheus' text form; rejects where the ledger does not answer. */
  readonly metrics: () => Promise<string>;
  /** Answers all other requests; null: there is nothing else. */
  readonly others: RequestListener | null;
}

/** Time limit of a request: a file of 200 MiB over a slow line takes a while. */
const LONGEST_REQUEST_MS = 600_000;

/** How often the server looks for requests that are over their limit. */
const LOOK_MS = 30_000;

export interface RequestLimits {
  /** Time in which a request has to be here whole; its sender is cut off after it. */
  readonly longestRequestMs: number;
}

/**
 * Answers GET /healthz, with 200 while all is well and else 503 and the problem as JSON, and GET /metrics. Both show
 * no id and no setting. `others` answers everything else. Rejects with ListenError.
 */
export async function startStatusServer(
  address: ListenAddress,
  pages: StatusPages,
  { longestRequestMs }: RequestLimits = { longestRequestMs: LONGEST_REQUEST_MS },
): Promise<StatusServer> {
  const limits = {
    requestTimeout: longestRequestMs,
    connectionsCheckingInterval: Math.min(longestRequestMs, LOOK_MS),
  };
  const server = createServer(limits, (request, response) => {
    // The requested target need not be a URL.
    const [path = ''] = (request.url ?? '').split('?');
    if (pages.others === null || STATUS_PATHS.has(path)) void answer(request, response, pages, path);
    else pages.others(request, response);
  });
  await listen(server, address).catch((error: unknown) => {
    const why =
      error instanceof Error && codeOf(error) === 'EADDRINUSE' ? 'another process has it' : messageOf(error);
    throw new ListenError(
      `--listen: ${formatListenAddress(address)} can't be listened on: ${why}; name another address, or none`,
      { cause: error },
    );
  });
  return {
    url: urlOf(server, address),
    close: async () => {
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === 'tcp') {
    server.listen(address.port, address.host);
    await once(server, 'listening');
    return;
  }
  await removeDeadSocket(address.path);
  server.listen(address.path);
  await once(server, 'listening');
  // For the group of whoever stands before us, and nobody else.
  await chmod(address.path, SOCKET_MODE);
}

/** A process that was killed leaves its socket, on which nobody answers. Anything else is left alone. */
async function removeDeadSocket(path: string): Promise<void> {
  const facts = await lstat(path).catch(() => null);
  if (facts?.isSocket() !== true) return;
  const socket = connect(path);
  const isDead = await once(socket, 'connect').then(
    () => false,
    (error: unknown) => error instanceof Error && codeOf(error) === 'ECONNREFUSED',
  );
  socket.destroy();
  if (isDead) await unlink(path);
}

function urlOf(server: Server, address: ListenAddress): string {
  if (address.kind === 'unix') return formatListenAddress(address);
  const { port } = server.address() as AddressInfo;
  return `http://${formatListenAddress({ ...address, port })}`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { health, metrics }: StatusPages,
  path: string,
): Promise<void> {
  if (!STATUS_PATHS.has(path)) {
    sendJson(response, 404, { error: 'there are /healthz and /metrics' });
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendJson(response, 405, { error: 'GET or HEAD' });
    return;
  }
  if (path === '/healthz') {
    const now = health();
    sendJson(response, now.ok ? 200 : 503, now);
    return;
  }
  try {
    send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await metrics());
  } catch {
    // /healthz and the terminal say why; Prometheus alerts on a failed scrape.
    sendJson(response, 503, { error: 'the ledger does not answer' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response
    .writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(text);
}
