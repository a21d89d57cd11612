import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { codeOf } from '../../domain/error-words.ts';
import type { SetUpFault } from '../../domain/outcome.ts';
import { connectTimeoutOf } from './connection-pool.ts';
import { createConnector, type TransportSettings } from './connector.ts';
import { parseBaseUrl } from '../provider-settings.ts';
import { isCertificateAlert, readSetUpFault } from './set-up-fault.ts';

export interface ProbeOptions {
  readonly baseUrl: string;
  readonly transport: TransportSettings;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
  /** How long the server is waited for, once the connection stands. */
  readonly receptionMs?: number;
}

/** What the provider's server says to our client certificate. */
export type CertificateReception =
  | { readonly kind: 'accepted' }
  /** `sentence` says what to check. */
  | { readonly kind: 'refused'; readonly sentence: string }
  /** No connection can be made until somebody mends something; another try would tell whether every one fails. */
  | { readonly kind: 'set_up'; readonly fault: SetUpFault }
  /** No TLS, no connection, or no word in time: the calls themselves will tell. */
  | { readonly kind: 'unknown' };

const RECEPTION_MS = 3_000;
/** Without a certificate to show there is rarely anything to be judged, and some servers send no ticket. */
const NOTHING_SHOWN_MS = 500;
/** Some servers judge after the handshake, with the ticket on its way already: they close right behind it. */
const TICKET_HOLDS_MS = 300;

/**
 * Opens one TLS connection and sends nothing, so that what keeps connections from being made is told before a record
 * is touched. Under TLS 1.3 the handshake is over for us before the server has judged
 * our certificate, so that a refusal would come after the first request and look as if that may have been processed.
 * Its first session ticket is the sign of acceptance, an alert or a closed connection that of refusal. A server that
 * judges by its HTTP answer instead says it there.
 */
export async function probeClientCertificate(options: ProbeOptions): Promise<CertificateReception> {
  const { baseUrl, transport, timeoutMs, stop } = options;
  const { protocol, host, hostname, port } = new URL(parseBaseUrl(baseUrl).origin);
  if (protocol !== 'https:') return { kind: 'unknown' };
  const isShown = transport.clientCertificate !== null;
  const reception = Promise.withResolvers<CertificateReception>();
  const giveUp = (): void => {
    reception.resolve({ kind: 'unknown' });
  };
  stop.addEventListener('abort', giveUp, { once: true });
  if (stop.aborted) giveUp();
  const connected = Promise.withResolvers<Socket | null>();
  const connect = createConnector(transport, connectTimeoutOf(timeoutMs));
  connect({ protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port }, (error, socket) => {
    connected.resolve(socket);
    if (error !== null) reception.resolve(judgeError(error, isShown));
    else
      awaitReception(
        socket,
        options.receptionMs ?? (isShown ? RECEPTION_MS : NOTHING_SHOWN_MS),
        isShown,
        reception.resolve,
      );
  });
  const result = await reception.promise;
  stop.removeEventListener('abort', giveUp);
  void connected.promise.then((socket) => socket?.destroy());
  return result;
}

function awaitReception(
  socket: Socket,
  receptionMs: number,
  isShown: boolean,
  tell: (reception: CertificateReception) => void,
): void {
  // Before TLS 1.3 the server judges first: a handshake that ended well is its yes.
  if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3') {
    tell({ kind: 'accepted' });
    return;
  }
  let timer = setTimeout(tell, receptionMs, { kind: 'unknown' });
  socket.once('session', () => {
    clearTimeout(timer);
    timer = setTimeout(tell, TICKET_HOLDS_MS, { kind: 'accepted' });
  });
  // A connection that closes says something of a certificate only where one was shown.
  const closed = isShown ? refusedWith(null) : ({ kind: 'unknown' } as const);
  socket.on('error', (error: Error) => {
    tell(isShown ? refusedWith(error) : judgeError(error, isShown));
  });
  socket.once('end', () => {
    tell(closed);
  });
  socket.once('close', () => {
    clearTimeout(timer);
    tell(closed);
  });
  socket.resume();
}

/** Where we show a certificate any alert speaks of it: servers differ in which one they send. */
function judgeError(error: Error, isShown: boolean): CertificateReception {
  const isAlert = codeOf(error).includes('_ALERT_') && !codeOf(error).includes('PROTOCOL_VERSION');
  if (isShown && isAlert) return refusedWith(error);
  const fault = readSetUpFault(error);
  if (fault === null) return { kind: 'unknown' };
  return isCertificateAlert(error)
    ? { kind: 'refused', sentence: fault.sentence }
    : { kind: 'set_up', fault };
}

function refusedWith(error: Error | null): CertificateReception {
  const how = error === null ? 'it closed the connection' : codeOf(error);
  return {
    kind: 'refused',
    sentence: `The provider's server refused our client certificate (${how}), so nothing was sent; check that KONA_TLS_CERTIFICATE is the one registered there, whole with the certificates between it and its root, and that it has not been withdrawn.`,
  };
}
