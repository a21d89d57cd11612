import type { SetUpFault } from '../domain/outcome.ts';

/**
 * Text that nginx, and gateways made from it, write where the client certificate is missing or refused; letter case
 * aside.
 */
const MISSING = /no required ssl certificate was sent/i;
const REFUSED = /the ssl certificate error/i;
const PLAIN = /the plain http request was sent to https port/i;

/**
 * Returns what a page says about our client certificate, or null. nginx answers 400 where others break off the
 * handshake; it uses 495 to 497 internally, and shows them only where somebody maps them. It answers before anybody
 * has read the request.
 */
export function readCertificatePage(answer: {
  readonly httpStatus: number;
  readonly code: string | null;
  readonly raw: string;
}): SetUpFault | null {
  const { httpStatus, code, raw } = answer;
  if (code !== null) return null;
  const says = (status: number, words: RegExp): boolean =>
    httpStatus === status || (httpStatus === 400 && words.test(raw));
  if (says(496, MISSING)) {
    return {
      cause: 'credentials',
      sentence: `The provider's server wants a client certificate and got none (HTTP ${httpStatus}), so nothing was processed; check KONA_TLS_CERTIFICATE and KONA_TLS_KEY.`,
    };
  }
  if (says(495, REFUSED)) {
    return {
      cause: 'credentials',
      sentence: `The provider's server does not take our client certificate (HTTP ${httpStatus}), so nothing was processed; check that KONA_TLS_CERTIFICATE is the one registered there, and has neither expired nor been withdrawn.`,
    };
  }
  if (says(497, PLAIN)) {
    return {
      cause: 'wrong_address',
      sentence: `The provider's server expects TLS and was spoken to in plain (HTTP ${httpStatus}), so nothing was processed; write https:// in KONA_BASE_URL.`,
    };
  }
  return null;
}
