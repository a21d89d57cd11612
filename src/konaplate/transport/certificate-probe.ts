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
  /** How long to wait for the server's word once the connection stands. */
  readonly receptionMs?: number;
}

/** What the provider's server says about our client certificate. */
export type CertificateReception =
  | { readonly kind: 'accepted' }
  /** `sentence` says what to check. */
  | { readonly kind: 'refused'; readonly sentence: string }
  /**
   * No connection can be made until somebody corrects something; another attempt would show whether every one fails.
   */
  | { readonly kind: 'set_up'; readonly fault: SetUpFault }
  /** There was no TLS, no connection, or no word in time; the calls themselves will show. */
  | { readonly kind: 'unknown' };

const RECEPTION_MS = 3_000;
/** Without a client certificate there is rarely anything to judge, and some servers send no ticket. */
const NOTHING_SHOWN_MS = 500;
/** Some servers judge after the handshake, when the ticket is already on its way: they close right after it. */
const TICKET_HOLDS_MS = 300;

/**
 * Opens one TLS connection and sends nothing, so that faults which prevent connections are known before a record is
 * touched. Under TLS 1.3 the handshake ends for us before the server has judged our certificate, so a refusal would
 * come after the first request and look as if that might have been processed. The server's first session ticket means
 * acceptance; an alert or a closed connection means refusal. A server that judges in its HTTP answer says it there
 * instead.
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
  // Before TLS 1.3 the server judges during the handshake, so a completed handshake means acceptance.
  if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3') {
    tell({ kind: 'accepted' });
    return;
  }
  let timer = setTimeout(tell, receptionMs, { kind: 'unknown' });
  socket.once('session', () => {
    clearTimeout(timer);
    timer = setTimeout(tell, TICKET_HOLDS_MS, { kind: 'accepted' });
  });
  // A closed connection says something about a certificate only where one was shown.
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

/**
 * Judges an error of the connection. Where we showed a certificate, any alert is about it, because servers differ in
 * the alert they send.
 */
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
