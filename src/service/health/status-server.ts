import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, messageOf } from '../../domain/error-words.ts';
import type { Health } from './heartbeat.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface StatusServer {
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Whether nobody beyond this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The address is taken, or this machine does not have it. */
class ListenError extends Error {
  readonly code = 'SERVE_LISTEN_FAILED';
}

const STATUS_PATHS = new Set(['/healthz', '/metrics']);

/** `127.0.0.1:8080`, `[::1]:8080`; null: it is no such address. */
export function parseListenAddress(text: string): ListenAddress | null {
  const { host, bare, port } =
    /^(?:\[(?<host>[0-9a-fA-F:.]+)\]|(?<bare>[^\s:[\]]+)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  const name = host ?? bare;
  return name === undefined || Number(port) > 65_535 ? null : { host: name, port: Number(port) };
}

/** What it is asked for. */
export interface StatusPages {
  readonly health: () => Health;
  /** In Prometheus' text form; rejects where the ledger does not answer. */
  readonly metrics: () => Promise<string>;
  /** Answers whatever else is asked for; null: nothing else is there. */
  readonly others: RequestListener | null;
}

/** A file of 200 MiB over a slow line takes a while; whoever takes longer is cut off. */
const LONGEST_REQUEST_MS = 600_000;

/**
 * Answers GET /healthz: 200 while all is well and 503 where it is not, with what is wrong as JSON; and GET /metrics. It
 * shows no id and no setting. All else is for `others`. Rejects with ListenError.
 */
export async function startStatusServer(
  { host, port }: ListenAddress,
  pages: StatusPages,
): Promise<StatusServer> {
  const server = createServer({ requestTimeout: LONGEST_REQUEST_MS }, (request, response) => {
    // What is asked for need be no URL.
    const [path = ''] = (request.url ?? '').split('?');
    if (pages.others === null || STATUS_PATHS.has(path)) void answer(request, response, pages, path);
    else pages.others(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    const why =
      error instanceof Error && codeOf(error) === 'EADDRINUSE' ? 'another process has it' : messageOf(error);
    throw new ListenError(
      `--listen: ${host}:${port} can't be listened on: ${why}; name another address, or none`,
      { cause: error },
    );
  });
  const { port: given } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${given}`,
    close: async () => {
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
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
    // Why is told by /healthz, and on the terminal; a scrape that fails is what Prometheus alerts on.
    sendJson(response, 503, { error: 'the ledger does not answer' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
