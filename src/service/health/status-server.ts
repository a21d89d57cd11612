import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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

/** The address is taken, or this machine does not have it. */
class ListenError extends Error {
  readonly code = 'SERVE_LISTEN_FAILED';
}

/** `127.0.0.1:8080`, `[::1]:8080`; null: it is no such address. */
export function parseListenAddress(text: string): ListenAddress | null {
  const { host, bare, port } =
    /^(?:\[(?<host>[0-9a-fA-F:.]+)\]|(?<bare>[^\s:[\]]+)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  const name = host ?? bare;
  return name === undefined || Number(port) > 65_535 ? null : { host: name, port: Number(port) };
}

/**
 * Answers GET /healthz: 200 while all is well and 503 where it is not, with what is wrong as JSON. It shows no id, no
 * job and no setting. Rejects with ListenError.
 */
export async function startStatusServer(
  { host, port }: ListenAddress,
  health: () => Health,
): Promise<StatusServer> {
  const server = createServer((request, response) => {
    answer(request, response, health);
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

function answer(request: IncomingMessage, response: ServerResponse, health: () => Health): void {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path !== '/healthz') {
    send(response, 404, { error: 'there is /healthz' });
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, { error: 'GET or HEAD' });
    return;
  }
  const now = health();
  send(response, now.ok ? 200 : 503, now);
}

function send(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}
