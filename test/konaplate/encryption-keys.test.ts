import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseClientKey, parseServerKey } from '../../src/konaplate/encryption/encryption-keys.ts';
import { issueCertificate } from '../support/certificates.ts';
import { createRsaPair, jwkOf, pemOf } from './key-pairs.ts';

const now = new Date('2026-11-23T00:00:00Z');
const pair = createRsaPair();
const small = createRsaPair(1024);
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Code and sentence of a refusal. */
function refusalOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${String(error.code)} ${error.message}`;
  }
  return 'nothing was refused';
}

describe("the provider's key", () => {
  const pkcs1 = pair.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString();

  test.each([
    ['PEM', pemOf(pair.publicKey)],
    ['PEM with CRLF and words around it', `the key:\r\n${pemOf(pair.publicKey).replaceAll('\n', '\r\n')}`],
    ['PEM, PKCS#1', pkcs1],
    ['JWK', jwkOf(pair.publicKey)],
    ['JWK over several lines', JSON.stringify(pair.publicKey.export({ format: 'jwk' }), null, 2)],
  ])('%s is read', (_what, text) => {
    expect(parseServerKey(text, now).equals(pair.publicKey)).toBe(true);
  });

  test.each([
    ['nothing', '', /expected a PEM key .* or a JWK or an X\.509 certificate in PEM$/],
    ['words', 'planted', /expected a PEM key/],
    ['a PEM of garbage', '-----BEGIN PUBLIC KEY-----\nplanted\n-----END PUBLIC KEY-----\n', /expected a PEM/],
    ['another JSON', '{"planted":1}', /expected a PEM key/],
    ['a list', '["planted"]', /expected a PEM key/],
    ['our own private key', pemOf(pair.privateKey), /holds a private key/],
    ['our own private key as JWK', jwkOf(pair.privateKey), /holds a private key/],
    ['too short a key', pemOf(small.publicKey), /at least 2048 bits, found 1024$/],
    ['another kind of key', pemOf(curve.publicKey), /expected an RSA key$/],
    ['another kind of JWK', jwkOf(curve.publicKey), /expected an RSA key$/],
    [
      'a damaged certificate',
      '-----BEGIN CERTIFICATE-----\nplanted\n-----END CERTIFICATE-----\n',
      /the certificate is damaged$/,
    ],
  ])('%s is refused by rule, without its value', (_what, text, rule) => {
    const sentence = refusalOf(() => parseServerKey(text, now));
    expect(sentence).toMatch(/^provider_server_public_key KONA_SERVER_PUBLIC_KEY: /);
    expect(sentence).toMatch(rule);
    expect(sentence).not.toContain('planted');
  });
});

describe("the provider's key in an X.509 certificate", () => {
  const request = { by: null, keyType: 'rsa', keySize: 2048 } as const;

  test('is read, whatever stands around it', async () => {
    const { cert, key } = await issueCertificate(request);
    const read = parseServerKey(`bag attributes\n${cert}`, new Date());
    expect(read.equals(createPublicKey(key))).toBe(true);
  });

  test.each([
    [
      'that has run out',
      { validFrom: -30, validTo: -1 },
      /the certificate expired on \S+Z; ask the provider/,
    ],
    ['that is not valid yet', { validFrom: 1 }, /the certificate is valid from \S+Z on only$/],
    ['for another kind of key', { keyType: 'ec' }, /expected an RSA key$/],
  ] as const)('%s is refused', async (_what, changes, rule) => {
    const { cert } = await issueCertificate({ ...request, ...changes });
    expect(refusalOf(() => parseServerKey(cert, new Date()))).toMatch(rule);
  });
});

describe('our own key', () => {
  const pkcs1 = pair.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();

  test.each([
    ['PEM, PKCS#8', pemOf(pair.privateKey)],
    ['PEM, PKCS#1', pkcs1],
    ['JWK', jwkOf(pair.privateKey)],
  ])('%s is read', (_what, text) => {
    expect(parseClientKey(text).equals(pair.privateKey)).toBe(true);
  });

  const locked = pair.privateKey
    .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'planted' })
    .toString();
  const lockedPkcs1 = pair.privateKey
    .export({ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'planted' })
    .toString();

  test.each([
    ['nothing', '', /and the private half$/],
    ['a public key', pemOf(pair.publicKey), /and the private half$/],
    ['a public JWK', jwkOf(pair.publicKey), /and the private half$/],
    ['a locked key', locked, /locked by a passphrase/],
    ['a locked PKCS#1 key', lockedPkcs1, /locked by a passphrase/],
    ['too short a key', pemOf(small.privateKey), /at least 2048 bits, found 1024$/],
    ['another kind of key', pemOf(curve.privateKey), /expected an RSA key$/],
  ])('%s is refused by rule', (_what, text, rule) => {
    const sentence = refusalOf(() => parseClientKey(text));
    expect(sentence).toMatch(/^provider_client_private_key KONA_CLIENT_PRIVATE_KEY: /);
    expect(sentence).toMatch(rule);
    expect(sentence).not.toContain(text.split('\n')[1] ?? 'no second line');
  });
});
