import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import {
  firstOf,
  KEY_FORMS,
  readKeyMaterial,
  readOrNull,
  readPrivateKey,
  type KeyMaterial,
} from '../../config/provider/key-material.ts';
import type { ContentEncryption } from '../../config/job-file/setting-schemas.ts';
import { createCodedError } from '../transport/coded-error.ts';

/** Everything needed to encrypt bodies. */
export interface BodyEncryption {
  /** 32 characters; names the key pair to the provider. */
  readonly cryptoKeyId: string;
  /** The provider's RSA public key, with which only the provider can decrypt. */
  readonly serverKey: KeyObject;
  readonly contentEncryption: ContentEncryption;
}

/** Shorter RSA keys give no protection any more. Source: PROVIDER.md, "2048-bit public key". */
const FEWEST_BITS = 2048;
const SERVER_KEY = 'KONA_SERVER_PUBLIC_KEY';
const CLIENT_KEY = 'KONA_CLIENT_PRIVATE_KEY';

/**
 * Reads the provider's public key, bare or in an X.509 certificate, in any of the forms of `readKeyMaterial`. Throws
 * `provider_server_public_key`, with the rule and never the value, for anything else: a private key, another kind of
 * key, fewer than 2048 bits, a certificate that is not valid at `now`.
 */
export function parseServerKey(text: string, now: Date): KeyObject {
  const refuse = refusalOf('provider_server_public_key', SERVER_KEY);
  const material = readKeyMaterial(text);
  if (isPrivate(material)) {
    throw refuse("holds a private key; what belongs here is the provider's public one");
  }
  const certificate = findCertificate(material, refuse);
  if (certificate !== null) return checkRsa(checkDates(certificate, now, refuse).publicKey, refuse);
  const key = readPublicKey(material);
  if (key === null) throw refuse(`expected ${KEY_FORMS}; or an X.509 certificate, PEM or DER`);
  return checkRsa(key, refuse);
}

/**
 * Reads our own private key, unlocked, in any of the same forms. Throws `provider_client_private_key` in the same
 * way.
 */
export function parseClientKey(text: string): KeyObject {
  const refuse = refusalOf('provider_client_private_key', CLIENT_KEY);
  const material = readKeyMaterial(text);
  if (material.kind === 'locked' || isLockedDer(material)) {
    throw refuse('the key is locked by a passphrase; give it unlocked, in a file only this user can read');
  }
  const key = readPrivateKey(material);
  if (key === null) throw refuse(`expected ${KEY_FORMS}, and the private half`);
  return checkRsa(key, refuse);
}

/**
 * Returns when the certificate of the provider's key ends; null for a bare key. `text` must be one that
 * `parseServerKey` accepts.
 */
export function serverCertificateEnd(text: string): Date | null {
  const refuse = refusalOf('provider_server_public_key', SERVER_KEY);
  return findCertificate(readKeyMaterial(text), refuse)?.validToDate ?? null;
}

type Refusal = (rule: string) => Error;

function refusalOf(code: string, name: string): Refusal {
  return (rule) => createCodedError(code, `${name}: ${rule}`);
}

/**
 * Returns whether the text is a private key, even a damaged one, which does not belong where the provider's key is
 * expected.
 */
function isPrivate(material: KeyMaterial): boolean {
  if (material.kind === 'locked' || isLockedDer(material)) return true;
  if (material.kind === 'jwk') return (material.jwk['d'] ?? null) !== null;
  if (material.kind !== 'blocks') return false;
  const isCalledSo = material.blocks.some(({ label }) => label?.endsWith('PRIVATE KEY') ?? false);
  return isCalledSo || readPrivateKey(material) !== null;
}

/** Returns the first certificate, or null where there is none. A block labelled as a certificate must be one. */
function findCertificate(material: KeyMaterial, refuse: Refusal): X509Certificate | null {
  if (material.kind !== 'blocks') return null;
  for (const { label, der } of material.blocks) {
    if (label !== null && !label.includes('CERTIFICATE')) continue;
    const certificate = readOrNull(() => new X509Certificate(der));
    if (certificate !== null) return certificate;
    if (label !== null) throw refuse('the certificate is damaged');
  }
  return null;
}

function checkDates(certificate: X509Certificate, now: Date, refuse: Refusal): X509Certificate {
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

function readPublicKey(material: KeyMaterial): KeyObject | null {
  if (material.kind === 'jwk') {
    const { jwk } = material;
    return readOrNull(() => createPublicKey({ key: jwk, format: 'jwk' }));
  }
  if (material.kind !== 'blocks') return null;
  return firstOf(material.blocks, ({ der: key }) =>
    firstOf(['spki', 'pkcs1'] as const, (type) =>
      readOrNull(() => createPublicKey({ key, format: 'der', type })),
    ),
  );
}

/** Recognises encrypted PKCS#8 by crypto's complaint that a passphrase is missing. */
function isLockedDer(material: KeyMaterial): boolean {
  if (material.kind !== 'blocks') return false;
  return material.blocks.some(({ der: key }) => {
    try {
      createPrivateKey({ key, format: 'der', type: 'pkcs8' });
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE';
    }
  });
}
