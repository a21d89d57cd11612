import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { directTransport, type TransportSettings } from '../../src/konaplate/transport/connector.ts';
import type { PreparedCall, ProviderClient, SentCall } from '../../src/konaplate/provider-client.ts';
import {
  createAuthority,
  issueCertificate,
  type Certificate,
  type CertificateRequest,
} from '../support/certificates.ts';
import { startConnectProxy, type ConnectStep } from '../support/connect-proxy.ts';
import { startScriptedProvider, type Step } from './scripted-provider.ts';

/** One way for a call to break, as a real server or socket brings it about. */
export interface Fault {
  readonly what: string;
  /** One of them stands in the error's words; several where the machine or the moment decides which. */
  readonly codes: readonly string[];
  readonly open: () => Promise<FaultWorld>;
  readonly timeoutMs?: number;
  /** The call itself, where it is not simply a registration. */
  readonly send?: (client: ProviderClient) => Promise<SentCall>;
}

export interface FaultWorld {
  readonly baseUrl: string;
  readonly transport?: TransportSettings;
  /** Throws where the server saw other requests than it should have. */
  close(): Promise<void>;
}

const authority = await createAuthority();

export const trusting: TransportSettings = { ...directTransport, ca: authority.cert };

export async function issue(request: Partial<CertificateRequest> = {}): Promise<Certificate> {
  return await issueCertificate({ by: authority, hosts: ['127.0.0.1'], ...request });
}

/** A server that is sure to get one request, and does this with it. */
export function provider(step: Step, tls: TlsOptions | null = null, transport = trusting) {
  return async (): Promise<FaultWorld> => {
    const { url, stop } = await startScriptedProvider([step], tls);
    return { baseUrl: url, transport, close: stop };
  };
}

/** A TLS server that no request may ever reach. */
export function unreachedProvider(makeTls: () => Promise<TlsOptions>, transport = trusting) {
  return async (): Promise<FaultWorld> => {
    const { url, stop } = await startScriptedProvider([], await makeTls());
    return { baseUrl: url, transport, close: stop };
  };
}

/** A server of bare sockets. */
export function rawServer(onConnection: (socket: Socket) => void, protocol: 'http' | 'https' = 'https') {
  return async (): Promise<FaultWorld> => {
    const { port, stop } = await listen(onConnection);
    return { baseUrl: `${protocol}://127.0.0.1:${port}`, close: stop };
  };
}

export async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port where nobody listens any more. */
export async function closedPort(): Promise<number> {
  const { port, stop } = await listen(() => undefined);
  await stop();
  return port;
}

/** Behind a proxy that does this; asked once, whatever happens, and no byte of a request comes through. */
export function behindProxy(step: ConnectStep, secure?: () => Promise<Certificate>) {
  return async (): Promise<FaultWorld> => {
    const proxy = await startConnectProxy({
      step,
      ...(secure === undefined ? {} : { certificate: await secure() }),
    });
    return {
      baseUrl: 'https://pay.example',
      transport: { ...trusting, proxyUrl: proxy.url },
      close: async () => {
        await proxy[Symbol.asyncDispose]();
        if (proxy.asked.length > 1) throw new Error(`asked ${proxy.asked.length} times`);
      },
    };
  };
}

const bareCall: PreparedCall = {
  path: '/',
  correlationId: '',
  headers: {},
  body: '{}',
  preparedAt: new Date(0),
};

/** A call with other headers than ours. */
export function withHeaders(headers: PreparedCall['headers']) {
  return async (client: ProviderClient): Promise<SentCall> => await client.send({ ...bareCall, headers });
}

export async function afterClose(client: ProviderClient): Promise<SentCall> {
  await client.close();
  return await client.send(bareCall);
}

/** Closing waits for the first call; the second comes too late. */
export async function whileClosing(client: ProviderClient): Promise<SentCall> {
  const first = client.send(bareCall);
  const closed = client.close();
  const sent = await client.send(bareCall);
  await Promise.all([first, closed]);
  return sent;
}
