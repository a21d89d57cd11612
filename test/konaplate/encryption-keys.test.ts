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
    ['nothing', '', /expected a PEM key .* or a JWK; or an X\.509 certificate, PEM or DER$/],
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

/** The forms that portals, secret stores and env files keep a PEM in. */
function formsOf(pem: string): readonly (readonly [string, string])[] {
  const body = /-----\n(.*)\n-----/s.exec(pem)?.[1] ?? '';
  const der = body.replaceAll('\n', '');
  return [
    ['PEM with \\n', pem.replaceAll('\n', '\\n')],
    ['PEM with \\r\\n', pem.replaceAll('\n', '\\r\\n')],
    ['PEM with \\n, in quotes', `"${pem.trim().replaceAll('\n', '\\n')}"`],
    ['PEM on one line, blanks for line breaks', pem.replaceAll('\n', ' ')],
    ['PEM on one line, nothing for line breaks', pem.replaceAll('\n', '')],
    ['PEM, indented as YAML does', pem.replaceAll('\n', '\n    ')],
    ['PEM behind a byte order mark', `\uFEFF${pem}`],
    ['base64 of PEM', Buffer.from(pem).toString('base64')],
    ['base64 of DER', der],
    ['base64 of DER over several lines', body],
    ['base64 of DER with \\n', body.replaceAll('\n', '\\n')],
    ['base64url of DER', Buffer.from(der, 'base64').toString('base64url')],
  ];
}

describe('every form is the same key', () => {
  test.each(formsOf(pemOf(pair.publicKey)))("the provider's, %s", (_form, text) => {
    expect(parseServerKey(text, now).equals(pair.publicKey)).toBe(true);
  });

  test.each(formsOf(pemOf(pair.privateKey)))('our own, %s', (_form, text) => {
    expect(parseClientKey(text).equals(pair.privateKey)).toBe(true);
    expect(refusalOf(() => parseServerKey(text, now))).toMatch(/holds a private key/);
  });

  test.each([
    [pair.publicKey.export({ format: 'der', type: 'pkcs1' }), 'public'],
    [pair.privateKey.export({ format: 'der', type: 'pkcs1' }), 'private'],
  ] as const)('base64 of PKCS#1', (der, half) => {
    const text = der.toString('base64');
    const read = half === 'public' ? parseServerKey(text, now) : parseClientKey(text);
    expect(read.equals(half === 'public' ? pair.publicKey : pair.privateKey)).toBe(true);
  });

  test('a certificate, bare or with what lies between it and its root', async () => {
    const { cert, key } = await issueCertificate({ by: null, keyType: 'rsa', keySize: 2048 });
    const other = await issueCertificate({ by: null, keyType: 'rsa', keySize: 2048 });
    for (const [, text] of [...formsOf(cert), ['chain', cert + other.cert] as const]) {
      expect(parseServerKey(text, new Date()).equals(createPublicKey(key))).toBe(true);
    }
    // The file of a client may hold both.
    expect(parseClientKey(cert + key).asymmetricKeyType).toBe('rsa');
  });

  test('the one key of a set of JWK', () => {
    const set = (key: string, more = ''): string => `{"keys":[${key}${more}]}`;
    expect(parseServerKey(set(jwkOf(pair.publicKey)), now).equals(pair.publicKey)).toBe(true);
    expect(parseClientKey(set(jwkOf(pair.privateKey))).equals(pair.privateKey)).toBe(true);
    const two = set(jwkOf(pair.publicKey), `,${jwkOf(small.publicKey)}`);
    expect(refusalOf(() => parseServerKey(two, now))).toMatch(/expected a PEM key/);
  });

  test('a locked key as DER is told as locked', () => {
    const der = pair.privateKey.export({
      format: 'der',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect(refusalOf(() => parseClientKey(der.toString('base64')))).toMatch(/locked by a passphrase/);
  });

  test.each(['AAAA', 'MIIB', 'aGVsbG8gd29ybGQ=', Buffer.alloc(3000, 'QUJD').toString()])(
    'base64 of something else is refused: %.8s',
    (text) => {
      expect(refusalOf(() => parseServerKey(text, now))).toMatch(/expected a PEM key/);
      expect(refusalOf(() => parseClientKey(text))).toMatch(/and the private half/);
    },
  );
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
