import { request as requestByHttp, type IncomingMessage } from 'node:http';
import { request as requestByHttps, type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import { createCodedError } from './coded-error.ts';

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  /** The connection to the proxy itself uses TLS. */
  readonly isSecure: boolean;
  /** Value of Proxy-Authorization: a secret. */
  readonly authorization: string | null;
}

export interface TunnelOptions {
  readonly proxy: ProxyAddress;
  /** TLS context for the connection to the proxy. */
  readonly secureContext: SecureContext;
  /** Time-out for opening the tunnel; TLS inside it has its own. */
  readonly timeoutMs: number;
  /** Makes the TLS connection to the target over the tunnel, which it gets as `httpSocket`. */
  readonly connectInside: buildConnector.connector;
}

/** `proxyUrl` must be one that config has accepted. */
export function parseProxyUrl(proxyUrl: string): ProxyAddress {
  const { protocol, hostname, port, username, password } = new URL(proxyUrl);
  const isSecure = protocol === 'https:';
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    isSecure,
    authorization: username + password === '' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/**
 * Returns a connector through the proxy's tunnel. It never fails with undici's own codes for a broken socket, because
 * undici would connect again by itself for those.
 */
export function connectThroughProxy(options: TunnelOptions): buildConnector.connector {
  return (target, callback) => {
    openTunnel(options, addressOf(target), {
      opened: (tunnel) => {
        options.connectInside({ ...target, httpSocket: tunnel }, callback);
      },
      failed: (error) => {
        callback(error, null);
      },
    });
  };
}

function addressOf({ hostname, port }: buildConnector.Options): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port === '' ? '443' : port}`;
}

interface TunnelEnds {
  readonly opened: (tunnel: Socket) => void;
  /**
   * Receives an error that names the proxy, never its user or password, and nothing the proxy says except its status.
   */
  readonly failed: (error: Error) => void;
}

/** Calls exactly one of the two callbacks, once. */
function openTunnel(options: TunnelOptions, target: string, { opened, failed }: TunnelEnds): void {
  const { proxy, timeoutMs } = options;
  const faultOf = (code: string, what: string): Error =>
    createCodedError(code, `the proxy ${proxy.host}:${proxy.port} ${what}`);
  const late = faultOf('proxy_timeout', `opened no tunnel within ${timeoutMs} ms`);
  const connecting = (proxy.isSecure ? requestByHttps : requestByHttp)(requestOptions(options, target));
  const deadline = setTimeout(() => connecting.destroy(late), timeoutMs);
  connecting.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer) => {
    clearTimeout(deadline);
    socket.on('error', () => undefined);
    if (statusCode >= 200 && statusCode < 300) {
      if (head.length > 0) socket.unshift(head);
      opened(socket);
      return;
    }
    socket.destroy();
    const refusal = faultOf(
      'proxy_status',
      `answered HTTP ${statusCode} to CONNECT${whatToCheck(statusCode)}`,
    );
    failed(Object.assign(refusal, { status: statusCode }));
  });
  connecting.once('error', (error: Error) => {
    clearTimeout(deadline);
    failed(error === late ? late : faultOf('proxy_failed', `opened no tunnel: ${wordsOf(error)}`));
  });
  connecting.end();
}

function requestOptions(
  { proxy, secureContext }: TunnelOptions,
  target: string,
): RequestOptions & Pick<ConnectionOptions, 'secureContext' | 'ALPNProtocols'> {
  return {
    method: 'CONNECT',
    host: proxy.host,
    port: proxy.port,
    path: target,
    headers: {
      Host: target,
      ...(proxy.authorization === null ? {} : { 'Proxy-Authorization': proxy.authorization }),
    },
    // No agent: one connection and one tunnel, and no proxy before the proxy.
    agent: false,
    secureContext,
    // Otherwise Node would take the server name from the Host header, which names the provider.
    servername: isIP(proxy.host) === 0 ? proxy.host : '',
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  };
}

function whatToCheck(status: number): string {
  if (status === 407 || status === 401) return ': it wants a user and a password, or other ones';
  return status === 403 ? ': it does not let us through to the provider' : '';
}

function wordsOf(error: Error): string {
  return error.message === '' && error instanceof AggregateError
    ? error.errors.map(String).join('; ')
    : error.message;
}
