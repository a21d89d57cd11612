import { expect, test } from 'vitest';
import { fingerprintSetup, type SetupParts } from '../../src/konaplate/setup-fingerprint.ts';
import { createRsaPair } from './key-pairs.ts';

const { publicKey, privateKey } = createRsaPair();
const other = createRsaPair();
const encryption = {
  cryptoKeyId: 'K'.repeat(32),
  serverKey: publicKey,
  contentEncryption: 'A128GCM',
} as const;
const parts: SetupParts = {
  baseUrl: 'https://pay.example/open-api',
  aspId: 'A'.repeat(15),
  accessKey: 'a'.repeat(40),
  secretKey: '7',
  encryption,
  answerKey: privateKey,
};

test('the same parts have the same name, and it tells none of them', async () => {
  const named = await fingerprintSetup(parts);
  expect(await fingerprintSetup({ ...parts })).toBe(named);
  expect(named).toMatch(/^1:[A-Za-z0-9_-]{32}$/);
  expect(named).not.toContain('pay.example');
});

test.each<[string, Partial<SetupParts>]>([
  ['address', { baseUrl: 'https://pay.example/other' }],
  ['ASP id', { aspId: 'B'.repeat(15) }],
  ['access key', { accessKey: 'b'.repeat(40) }],
  ['secret key', { secretKey: '8' }],
  ['key id', { encryption: { ...encryption, cryptoKeyId: 'L'.repeat(32) } }],
  ['provider’s key', { encryption: { ...encryption, serverKey: other.publicKey } }],
  ['content encryption', { encryption: { ...encryption, contentEncryption: 'A256GCM' } }],
  ['no encryption', { encryption: null }],
  ['our key', { answerKey: other.privateKey }],
  ['no key of ours', { answerKey: null }],
])('another %s has another name', async (_, change) => {
  expect(await fingerprintSetup({ ...parts, ...change })).not.toBe(await fingerprintSetup(parts));
});
