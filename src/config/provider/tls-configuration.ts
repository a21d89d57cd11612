import { X509Certificate, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import type tls from 'node:tls';
import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import { secretOf, type Environment } from '../environment.ts';
import { Secret } from '../secret.ts';
import { readKeyMaterial, readOrNull, readPrivateKey } from './key-material.ts';

export interface TlsConfiguration {
  /** PEM; trusted in addition to the usual roots. */
  readonly ca: string | null;
  readonly client: ClientCertificate | null;
}

export interface ClientCertificate {
  /** PEM: the client's own certificate, then those between it and its root. */
  readonly certificate: string;
  /** PEM without a passphrase. */
  readonly key: Secret;
}

const CA = 'KONA_TLS_CA';
const CERTIFICATE = 'KONA_TLS_CERTIFICATE';
const KEY = 'KONA_TLS_KEY';

/**
 * Resolves our own CA and client certificate. Refuses values with which no connection could succeed; messages name
 * the rule and never the value.
 */
export async function resolveTls(
  environment: Environment,
  now = new Date(),
): Promise<Checked<TlsConfiguration>> {
  const [ca, certificate, key] = await Promise.all(
    ([CA, CERTIFICATE, KEY] as const).map((name) => secretOf(environment, name)),
  );
  const read = [ca, certificate, key].map((one) => (one?.kind === 'valid' ? one.value : null));
  const problems = problemsOf(...[ca, certificate, key].flatMap((one) => one ?? []));
  if (problems.length > 0) return refused(...problems);
  const roots = checkRoots(read[0] ?? null, now);
  const client = checkClient(read[1] ?? null, read[2] ?? null, now);
  if (roots.kind === 'refused' || client.kind === 'refused') return refused(...problemsOf(roots, client));
  return valid({ ca: roots.value, client: client.value });
}

/** Checks the CA bundle. Expired certificates are common in one; it is useless only without a single valid one. */
function checkRoots(pem: string | null, now: Date): Checked<string | null> {
  if (pem === null) return valid(null);
  const certificates = parseCertificates(pem);
  if (certificates === null) return refused(`${CA}: expected certificates in PEM (BEGIN CERTIFICATE)`);
  if (certificates.every((one) => one.validToDate < now)) {
    return refused(`${CA}: no certificate in it is valid any more`);
  }
  return valid(toPem(certificates));
}

function checkClient(
  pem: string | null,
  keyPem: string | null,
  now: Date,
): Checked<ClientCertificate | null> {
  if (pem === null && keyPem === null) return valid(null);
  if (pem === null || keyPem === null) {
    const missing = pem === null ? CERTIFICATE : KEY;
    return refused(`${CERTIFICATE} and ${KEY} belong together; not set: ${missing} (or the same with _FILE)`);
  }
  const certificates = parseCertificates(pem);
  const key = parseKey(keyPem);
  const own = certificates?.[0];
  const certificate =
    own === undefined ? refused(`${CERTIFICATE}: expected a certificate in PEM`) : checkDates(own, now);
  if (key.kind === 'refused' || certificate.kind === 'refused' || certificates === null) {
    return refused(...problemsOf(certificate, key));
  }
  return checkPair(certificate.value, key.value, toPem(certificates));
}

function checkDates(certificate: X509Certificate, now: Date): Checked<X509Certificate> {
  const { validFromDate, validToDate } = certificate;
  if (validToDate < now) return refused(`${CERTIFICATE}: it expired on ${dayOf(validToDate)}`);
  if (validFromDate > now) return refused(`${CERTIFICATE}: it is valid from ${dayOf(validFromDate)} on only`);
  return valid(certificate);
}

function checkPair(own: X509Certificate, key: KeyObject, certificate: string): Checked<ClientCertificate> {
  if (!own.checkPrivateKey(key)) {
    return refused(
      `${KEY}: it does not belong to the certificate in ${CERTIFICATE}, whose first must be the client's own`,
    );
  }
  const keyPem = key.export({ format: 'pem', type: 'pkcs8' }).toString();
  try {
    // Loaded only here: every command reads the configuration, and few have such a certificate.
    const { createSecureContext } = createRequire(import.meta.url)('node:tls') as typeof tls;
    createSecureContext({ cert: certificate, key: keyPem });
  } catch (error) {
    // The key is too small, or TLS can't use it.
    return refused(`${CERTIFICATE}: it can't be used for TLS (${codeOf(error)})`);
  }
  return valid({ certificate, key: new Secret(keyPem) });
}

function parseKey(text: string): Checked<KeyObject> {
  const material = readKeyMaterial(text);
  if (material.kind === 'locked') {
    return refused(
      `${KEY}: the key is encrypted; take the passphrase off once (openssl pkey -in old.pem -out new.pem), and give the new file mode 0600`,
    );
  }
  const key = readPrivateKey(material);
  return key === null
    ? refused(`${KEY}: expected a private key in PEM (BEGIN PRIVATE KEY), or as DER`)
    : valid(key);
}

/**
 * Returns null unless there is at least one certificate and each can be read. Anything else in the file, such as a
 * key, is ignored.
 */
function parseCertificates(text: string): readonly X509Certificate[] | null {
  const material = readKeyMaterial(text);
  if (material.kind !== 'blocks') return null;
  const called = material.blocks.filter(({ label }) => label === null || label.includes('CERTIFICATE'));
  if (called.length === 0) return null;
  return readOrNull(() => called.map(({ der }) => new X509Certificate(der)));
}

function toPem(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join('');
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
}
