import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { connectThroughProxy, parseProxyUrl } from './proxy-tunnel.ts';
import { isCertificateAlert } from './set-up-fault.ts';

/** How connections are made; what is null is not used. */
export interface TransportSettings {
  /** http:// or https://; user and password may stand in it. */
  readonly proxyUrl: string | null;
  /** PEM; trusted beside the default roots, for the provider and for a proxy spoken to by TLS. */
  readonly ca: string | null;
  /** PEM. Shown to the provider alone, never to a proxy. */
  readonly clientCertificate: ClientCertificate | null;
}

export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

export const directTransport: TransportSettings = { proxyUrl: null, ca: null, clientCertificate: null };

/**
 * Makes one connection to the provider, HTTP/1.1 and ready to be written to; certificates and host names are
 * always checked, whatever NODE_TLS_REJECT_UNAUTHORIZED says. What fails here fails before a byte of a request
 * was written. Plain http is for this machine and never goes through a proxy.
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
 * A server that refuses our client certificate after the handshake sends an alert and closes. undici keeps the last thing
 * it hears, which is the closing; ended at the alert, the connection fails with what was said.
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

/** Made once: the default roots are hundreds, and would be read again for every connection. */
function createContext(ca: string | null, client: ClientCertificate | null): SecureContext {
  return createSecureContext({
    ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(client === null ? {} : { cert: client.certificate, key: client.key }),
  });
}
