import {
  createPrivateKey,
  createPublicKey,
  X509Certificate,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { ContentEncryption } from '../../config/job-file/setting-schemas.ts';
import { createCodedError } from '../transport/coded-error.ts';

/** All that encrypting bodies and opening encrypted answers takes. Holds a private key: never log it. */
export interface BodyEncryption {
  /** 32 characters; names the key pair to the provider. */
  readonly cryptoKeyId: string;
  /** The provider's RSA public key: what we send is for its owner alone. */
  readonly serverKey: KeyObject;
  /** Our RSA private key; null: an encrypted answer can't be opened. */
  readonly clientKey: KeyObject | null;
  readonly contentEncryption: ContentEncryption;
}

/** Shorter RSA keys protect nothing any more. Source: PROVIDER.md, "2048-bit public key". */
const FEWEST_BITS = 2048;
const SERVER_KEY = 'KONA_SERVER_PUBLIC_KEY';
const CLIENT_KEY = 'KONA_CLIENT_PRIVATE_KEY';
const FORMS = 'a PEM key ("-----BEGIN …"), with real line breaks, or a JWK';

/**
 * The provider's public key, from PEM (public key or X.509 certificate) or JWK. Throws
 * `provider_server_public_key`, with the rule and never the value, for anything else: a private key, another kind
 * of key, fewer than 2048 bits, a certificate that is not valid at `now`.
 */
export function parseServerKey(text: string, now: Date): KeyObject {
  const refuse = refusalOf('provider_server_public_key', SERVER_KEY);
  const isPrivate = /PRIVATE KEY-----/.test(text) || (parseJwk(text)?.d ?? null) !== null;
  if (isPrivate) throw refuse("holds a private key; what belongs here is the provider's public one");
  if (text.includes('-----BEGIN CERTIFICATE-----')) {
    return checkRsa(readCertificate(text, now, refuse).publicKey, refuse);
  }
  const key = readOrNull(() => createPublicKey(keyInputOf(text)));
  if (key === null) throw refuse(`expected ${FORMS} or an X.509 certificate in PEM`);
  return checkRsa(key, refuse);
}

/** Our own private key, from PEM or JWK, not encrypted. Throws `provider_client_private_key` as above. */
export function parseClientKey(text: string): KeyObject {
  const refuse = refusalOf('provider_client_private_key', CLIENT_KEY);
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw refuse('the key is locked by a passphrase; give it unlocked, in a file only this user can read');
  }
  const key = readOrNull(() => createPrivateKey(keyInputOf(text)));
  if (key === null) throw refuse(`expected ${FORMS}, and the private half`);
  return checkRsa(key, refuse);
}

type Refusal = (rule: string) => Error;

function refusalOf(code: string, name: string): Refusal {
  return (rule) => createCodedError(code, `${name}: ${rule}`);
}

function readCertificate(text: string, now: Date, refuse: Refusal): X509Certificate {
  const certificate = readOrNull(() => new X509Certificate(text));
  if (certificate === null) throw refuse('the certificate is damaged');
  const { validFromDate, validToDate } = certificate;
  if (now < validFromDate)
    throw refuse(`the certificate is valid from ${validFromDate.toISOString()} on only`);
  if (now > validToDate) {
    throw refuse(`the certificate expired on ${validToDate.toISOString()}; ask the provider for the new one`);
  }
  return certificate;
}

function checkRsa(key: KeyObject, refuse: Refusal): KeyObject {
  if (key.asymmetricKeyType !== 'rsa') throw refuse('expected an RSA key');
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < FEWEST_BITS) throw refuse(`expected an RSA key of at least ${FEWEST_BITS} bits, found ${bits}`);
  return key;
}

/** What node:crypto takes: text as PEM, or an object as JWK. */
function keyInputOf(text: string): string | { readonly key: JsonWebKey; readonly format: 'jwk' } {
  const jwk = parseJwk(text);
  return jwk === null ? text : { key: jwk, format: 'jwk' };
}

function parseJwk(text: string): JsonWebKey | null {
  const value = readOrNull((): unknown => JSON.parse(text));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function readOrNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
