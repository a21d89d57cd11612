import { createPublicKey, generateKeyPair, randomBytes, type JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

/** Both sides' private keys, each a JWK as one line of JSON; the public keys follow from them. */
export interface SandboxKeyPairs {
  /** 32 characters. */
  readonly cryptoKeyId: string;
  readonly serverPrivateKey: string;
  readonly clientPrivateKey: string;
}

/** The keys that a client is given. */
export interface SandboxEncryptionKeys {
  readonly cryptoKeyId: string;
  /** JWK as one line of JSON. */
  readonly serverPublicKey: string;
  readonly clientPrivateKey: string;
}

export const sandboxKeyPairs = z.strictObject({
  cryptoKeyId: z.string().regex(/^[!-~]{32}$/),
  serverPrivateKey: z.string(),
  clientPrivateKey: z.string(),
});

const createKeyPair = promisify(generateKeyPair);

/** Takes some tenths of a second: two RSA pairs of 2048 bits, the size the documents name. */
export async function createSandboxKeyPairs(): Promise<SandboxKeyPairs> {
  const [serverPrivateKey, clientPrivateKey] = await Promise.all([createPrivateJwk(), createPrivateJwk()]);
  return { cryptoKeyId: randomBytes(16).toString('hex'), serverPrivateKey, clientPrivateKey };
}

async function createPrivateJwk(): Promise<string> {
  const { privateKey } = await createKeyPair('rsa', { modulusLength: 2048 });
  return JSON.stringify(privateKey.export({ format: 'jwk' }));
}

export function clientSideOf(keys: SandboxKeyPairs): SandboxEncryptionKeys {
  const { cryptoKeyId, serverPrivateKey, clientPrivateKey } = keys;
  return { cryptoKeyId, serverPublicKey: publicJwkOf(serverPrivateKey), clientPrivateKey };
}

function publicJwkOf(privateJwk: string): string {
  const key = createPublicKey({ key: JSON.parse(privateJwk) as JsonWebKey, format: 'jwk' });
  return JSON.stringify(key.export({ format: 'jwk' }));
}
