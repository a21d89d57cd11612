import { expect, test } from 'vitest';
import { inspectKeys } from '../../src/konaplate/encryption/inspect-keys.ts';
import { issueCertificate } from '../support/certificates.ts';
import { createRsaPair, pemOf } from './key-pairs.ts';

const now = new Date();
const pair = createRsaPair();
const [serverPublicKey, clientPrivateKey] = [pemOf(pair.publicKey), pemOf(pair.privateKey)];

function levels(given: Parameters<typeof inspectKeys>[0]): readonly string[] {
  return inspectKeys(given, now).map(({ level, what }) => `${level} ${what}`);
}

test('keys that will do are told with their size, never with their value', () => {
  expect(levels({ serverPublicKey, clientPrivateKey })).toEqual([
    'ok KONA_SERVER_PUBLIC_KEY: RSA of 2048 bits',
    'ok KONA_CLIENT_PRIVATE_KEY: RSA of 2048 bits',
  ]);
});

test('each key is judged though the other is wrong', () => {
  expect(levels({ serverPublicKey: clientPrivateKey, clientPrivateKey: serverPublicKey })).toEqual([
    expect.stringMatching(/^fail KONA_SERVER_PUBLIC_KEY: holds a private key/),
    expect.stringMatching(/^fail KONA_CLIENT_PRIVATE_KEY: expected .*the private half/),
  ]);
  const small = pemOf(createRsaPair(1024).publicKey);
  expect(levels({ serverPublicKey: small, clientPrivateKey: null })).toEqual([
    expect.stringMatching(/^fail .*at least 2048 bits, found 1024/),
  ]);
});

test('plain bodies are a doubt, and a key that nothing needs is no fault', () => {
  expect(levels({ serverPublicKey: null, clientPrivateKey: 'no key' })).toEqual([
    expect.stringMatching(/^warn bodies are sent plain/),
    expect.stringMatching(/^warn KONA_CLIENT_PRIVATE_KEY/),
  ]);
});

test('a certificate that ends soon is told with its days', async () => {
  const of = async (validTo: number) =>
    (await issueCertificate({ by: null, keyType: 'rsa', keySize: 2048, validTo })).cert;
  expect(levels({ serverPublicKey: await of(10.5), clientPrivateKey: null })).toEqual([
    'ok KONA_SERVER_PUBLIC_KEY: RSA of 2048 bits',
    expect.stringMatching(/^warn KONA_SERVER_PUBLIC_KEY: its certificate ends in 10 days, on /),
  ]);
  expect(levels({ serverPublicKey: await of(40), clientPrivateKey: null })).toHaveLength(1);
  expect(levels({ serverPublicKey: await of(-0.5), clientPrivateKey: null })).toEqual([
    expect.stringMatching(/^fail .*expired/),
  ]);
});
