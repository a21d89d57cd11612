import { codeOf } from '../../domain/error-words.ts';
import type { ProviderCause } from '../../domain/exit-cause.ts';
import type { SetUpFault } from '../../domain/outcome.ts';

/** The error of a proxy that answered CONNECT with something other than a tunnel. */
export interface ProxyStatusError extends Error {
  readonly code: 'proxy_status';
  readonly status: number;
}

const ROOT_CODES: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
]);
/** OpenSSL's names of the alerts with which a server refuses our client certificate or demands one. */
const CERTIFICATE_ALERT =
  /_ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)/;
/** TLS faults that a busy or restarting server also causes; they may pass by themselves. */
const PASSING = /_ALERT_(?:INTERNAL_ERROR|USER_CANCELLED|CLOSE_NOTIFY)|UNEXPECTED_EOF/;

/** Returns whether the server refuses our client certificate: it then reads no request on that connection. */
export function isCertificateAlert(error: unknown): boolean {
  return error instanceof Error && CERTIFICATE_ALERT.test(codeOf(error));
}

/**
 * Returns the fault, ours or the other side's, that prevents every connection, with what to do about it; null for a
 * fault that may pass by itself. The sentence names settings but never their values.
 */
export function readSetUpFault(error: unknown): SetUpFault | null {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error);
  if (code === 'proxy_status') return readProxyStatus(error);
  if (isCertificateAlert(error)) {
    return fault(
      'credentials',
      `The provider's server does not take our client certificate, or wants one and got none (${code}), so nothing was processed; check that KONA_TLS_CERTIFICATE and KONA_TLS_KEY are set to the one registered there.`,
    );
  }
  const certificate = readCertificateFault(code);
  if (certificate !== null) return certificate;
  if (code.includes('_ALERT_HANDSHAKE_FAILURE')) {
    return fault(
      'wrong_setup',
      `The provider's server breaks off the TLS handshake (${code}), so nothing was sent: it wants a client certificate (KONA_TLS_CERTIFICATE), or speaks none of our ciphers.`,
    );
  }
  if (PASSING.test(code)) return null;
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return fault(
      'wrong_address',
      `No TLS connection comes about (${code}), so nothing was sent; check host and port of KONA_BASE_URL, and which TLS versions the other side speaks (ours: 1.2 and 1.3).`,
    );
  }
  return null;
}

function readCertificateFault(code: string): SetUpFault | null {
  const told = (what: string): SetUpFault => fault('wrong_setup', `${what} (${code}), so nothing was sent.`);
  if (code === 'CERT_HAS_EXPIRED') {
    return told(
      'The certificate of the provider’s server has expired: it must be renewed there, unless this machine’s clock is wrong',
    );
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return told('The certificate of the provider’s server is not valid yet: check this machine’s clock');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return told(
      'The certificate of the provider’s server is for another name than the one in KONA_BASE_URL: check that address, and what stands between us and it',
    );
  }
  if (ROOT_CODES.has(code)) {
    return told(
      'The certificate of the provider’s server leads to no root we trust: its root is unknown here, or the server leaves out a certificate between; name the missing one in KONA_TLS_CA',
    );
  }
  const isOther = code.startsWith('CERT_') || code === 'INVALID_PURPOSE' || code === 'PATH_LENGTH_EXCEEDED';
  return isOther ? told('The certificate of the provider’s server is not accepted') : null;
}

/** Reads the error of a proxy, whose words name the proxy and its status and hold no secret. */
function readProxyStatus(error: Error): SetUpFault | null {
  const status = isProxyStatusError(error) ? error.status : 0;
  const told = `${error.message.slice(0, 1).toUpperCase()}${error.message.slice(1)}`;
  if (status === 407 || status === 401) {
    return fault('credentials', `${told}; nothing was sent. Check HTTPS_PROXY.`);
  }
  if (status !== 403) return null;
  return fault(
    'wrong_setup',
    `${told}; nothing was sent. Have the provider’s address allowed there, or check HTTPS_PROXY and NO_PROXY.`,
  );
}

function isProxyStatusError(error: Error): error is ProxyStatusError {
  return 'status' in error && typeof error.status === 'number';
}

function fault(cause: ProviderCause, sentence: string): SetUpFault {
  return { cause, sentence };
}
