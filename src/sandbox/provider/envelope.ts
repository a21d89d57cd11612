import type { KeyObject } from 'node:crypto';
import { compactDecrypt, CompactEncrypt } from 'jose';

/** JWE compact: header, encrypted key, initialization vector, ciphertext, tag, each in base64url. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+\.[\w-]*\.[\w-]+$/;

/** Opens a JWE that the documents allow, and no other; null where it can't be opened. */
export async function openEnvelope(jwe: string, privateKey: KeyObject): Promise<Buffer | null> {
  if (!COMPACT.test(jwe)) return null;
  try {
    const { plaintext } = await compactDecrypt(jwe, privateKey, {
      keyManagementAlgorithms: ['RSA-OAEP-256'],
      contentEncryptionAlgorithms: ['A128GCM', 'A256GCM'],
      // The documents know no compression.
      maxDecompressedLength: 0,
    });
    return Buffer.from(plaintext);
  } catch {
    return null;
  }
}

export async function sealEnvelope(content: Buffer, publicKey: KeyObject): Promise<string> {
  return await new CompactEncrypt(content)
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A128GCM' })
    .encrypt(publicKey);
}
