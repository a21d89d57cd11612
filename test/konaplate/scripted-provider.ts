import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** One request as it came over the wire, nothing normalised. */
export interface WireRequest {
  readonly requestLine: string;
  /** Names as written, in order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** 1 for the first connection of the provider. */
  readonly connection: number;
}

/** What the provider does with the next request once it has it whole. */
export type Step = (socket: Socket, request: WireRequest) => void;

export interface ScriptedProvider {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly WireRequest[];
  connections(): number;
  /** Resolves when no connection is left. */
  drained(): Promise<void>;
  /** Closes; throws for a request that no step was left for, and for steps that were never used. */
  readonly stop: () => Promise<void>;
}

export function answer(status: string, body: string, headers: readonly string[] = []): Step {
  return (socket) => {
    const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  };
}

export function answerCode(status: string, code: string): Step {
  return answer(status, JSON.stringify({ response: { code, description: 'words' } }));
}

/**
 * A raw loopback server: it speaks only what its steps write, so that it can misbehave in any way. With `tls` it speaks
 * that below.
 */
export async function startScriptedProvider(
  steps: readonly Step[],
  tls: TlsOptions | null = null,
): Promise<ScriptedProvider> {
  const requests: WireRequest[] = [];
  const open = new Set<Socket>();
  let seen = 0;
  const server = createAnyServer(tls, (socket) => {
    const connection = (seen += 1);
    let received = Buffer.alloc(0);
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const request = readRequest(received.toString('latin1'), connection);
      if (request === null) return;
      received = Buffer.alloc(0);
      requests.push(request);
      steps[requests.length - 1]?.(socket, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => seen,
    async drained() {
      await Promise.all([...open].map(closeOf));
    },
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
      if (requests.length > steps.length)
        throw new Error(`${requests.length - steps.length} unexpected requests`);
      if (requests.length < steps.length)
        throw new Error(`${steps.length - requests.length} steps never used`);
    },
  };
}

function createAnyServer(tls: TlsOptions | null, serve: (socket: Socket) => void): Server {
  if (tls === null) return createServer(serve);
  const server = createTlsServer(tls, serve);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Resolves also for a socket that breaks; one that is closed already must not be asked. */
export async function closeOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  return promise;
}

/** Null while the request is not whole yet. */
function readRequest(text: string, connection: number): WireRequest | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [requestLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? '0');
  const body = text.slice(end + 4);
  return body.length < length ? null : { requestLine, headers, body, connection };
}
