import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { connectThroughProxy, parseProxyUrl } from './proxy-tunnel.ts';
import { isCertificateAlert } from './set-up-fault.ts';

/** How connections are made; null means not used. */
export interface TransportSettings {
  /** An http:// or https:// URL, which may contain user and password. */
  readonly proxyUrl: string | null;
  /** PEM; trusted in addition to the default roots, for the provider and for a proxy reached over TLS. */
  readonly ca: string | null;
  /** PEM; shown only to the provider, never to a proxy. */
  readonly clientCertificate: ClientCertificate | null;
}

export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

export const directTransport: TransportSettings = { proxyUrl: null, ca: null, clientCertificate: null };

/**
 * Creates a connector that makes one HTTP/1.1 connection to the provider, ready for writing. Certificates and host
 * names are always checked, whatever NODE_TLS_REJECT_UNAUTHORIZED says. A failure here happens before any byte of a
 * request was written. Plain http is only for this machine and never goes through a proxy.
 */
export function createConnector(transport: TransportSettings, timeoutMs: number): buildConnector.connector {
  const { proxyUrl, ca, clientCertificate } = transport;
  const connect = endingAtAlerts(
    buildConnector({
      secureContext: createContext(ca, clientCertificate),
      rejectUnauthorized: true,
      allowH2: false,
      timeout: timeoutMs,
    }),
  );
  if (proxyUrl === null) return connect;
  const proxy = parseProxyUrl(proxyUrl);
  const secureContext = createContext(ca, null);
  const throughProxy = connectThroughProxy({ proxy, secureContext, timeoutMs, connectInside: connect });
  return (target, callback) => {
    if (target.protocol === 'https:') throughProxy(target, callback);
    else connect(target, callback);
  };
}

/**
 * Ends a connection at a TLS alert. A server that refuses our client certificate after the handshake sends an alert
 * and closes. undici reports the last event, which would be the closing; ending at the alert keeps the reason.
 */
function endingAtAlerts(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    connect(target, (...result) => {
      const [, socket] = result;
      socket?.on('error', (error: Error) => {
        if (isCertificateAlert(error)) socket.destroy(error);
      });
      callback(...result);
    });
  };
}

/** Creates the TLS context once: the hundreds of default roots would otherwise be read for every connection. */
function createContext(ca: string | null, client: ClientCertificate | null): SecureContext {
  return createSecureContext({
    ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(client === null ? {} : { cert: client.certificate, key: client.key }),
  });
}
