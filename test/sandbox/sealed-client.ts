import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { compactDecrypt, CompactEncrypt } from 'jose';
import { createSandboxKeyPairs, type SandboxEncryptionKeys } from '../../src/sandbox/provider/key-pairs.ts';
import { signedCall, withHeader, type RawCall, type RawReply } from './raw-client.ts';

/** One set for a test file: making it takes longer than most tests. */
export const someKeys = await createSandboxKeyPairs();

export interface Sealing {
  readonly alg?: string;
  readonly enc?: string;
}

/** `{"encData":…}` of a text, as a client makes it. */
export async function sealBody(
  text: string,
  publicJwk: string,
  { alg = 'RSA-OAEP-256', enc = 'A128GCM' }: Sealing = {},
): Promise<string> {
  const key = createPublicKey({ key: JSON.parse(publicJwk) as JsonWebKey, format: 'jwk' });
  const jwe = await new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg, enc }).encrypt(key);
  return JSON.stringify({ encData: jwe });
}

/** Signed over the encrypted bytes, with the key id in its header. */
export async function sealedCall(text: string, keys: SandboxEncryptionKeys, how?: Sealing): Promise<RawCall> {
  const body = await sealBody(text, keys.serverPublicKey, how);
  return withHeader(signedCall(body), 'X-KM-Crypto-Key-Id', keys.cryptoKeyId);
}

/** The text in an encrypted reply. Throws where it is none, or not for this client. */
export async function openReply(reply: RawReply, keys: SandboxEncryptionKeys): Promise<string> {
  if (reply.kind === 'broken') throw new Error(`no answer: ${reply.error}`);
  const { encData } = JSON.parse(reply.text) as { encData: string };
  const key = createPrivateKey({ key: JSON.parse(keys.clientPrivateKey) as JsonWebKey, format: 'jwk' });
  const { plaintext } = await compactDecrypt(encData, key, {
    keyManagementAlgorithms: ['RSA-OAEP-256'],
    contentEncryptionAlgorithms: ['A128GCM', 'A256GCM'],
  });
  return Buffer.from(plaintext).toString('utf8');
}
