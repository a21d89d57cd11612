import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certificate } from './certificates.ts';

/** What a proxy does with a CONNECT. */
export type ConnectStep = (socket: Duplex, request: IncomingMessage) => void;

export interface ConnectProxy extends AsyncDisposable {
  /** Without user and password. */
  readonly url: string;
  readonly port: number;
  /** Every CONNECT, in order. */
  readonly asked: readonly { readonly target: string; readonly authorization: string | undefined }[];
  /** Ends every tunnel that is open, without a word. */
  breakTunnels(): void;
}

export interface ConnectProxyOptions {
  readonly step: ConnectStep;
  /** Spoken to by TLS. */
  readonly certificate?: Certificate;
  /** Asks for the client's certificate, and takes any or none. */
  readonly requestCert?: boolean;
}

/** A real proxy that knows CONNECT alone; any other request gets 405. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const { step, certificate, requestCert = false } = options;
  const asked: { target: string; authorization: string | undefined }[] = [];
  const open = new Set<Duplex>();
  const server =
    certificate === undefined
      ? createHttpServer()
      : createHttpsServer({ ...certificate, requestCert, rejectUnauthorized: false });
  server.on('request', (_request, response) => response.writeHead(405).end());
  server.on('connection', (socket: Duplex) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    socket.on('error', () => undefined);
    step(socket, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const breakTunnels = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    asked,
    breakTunnels,
    [Symbol.asyncDispose]: async () => {
      breakTunnels();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Opens a tunnel to this port, whatever name was asked for. */
export function tunnelTo(port: number): ConnectStep {
  return (socket) => {
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  };
}

/** Answers the CONNECT with this and closes. */
export function connectAnswer(text: string): ConnectStep {
  return (socket) => {
    socket.end(text);
  };
}
