import { constants, createCipheriv, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { compactDecrypt } from 'jose';
import { contentEncryptions, type ContentEncryption } from '../../config/job-file/setting-schemas.ts';
import type { BodyEncryption } from './encryption-keys.ts';

const KEY_ENCRYPTION = 'RSA-OAEP-256';
/** Answers have some hundred bytes; anything that decrypts to more is no answer. */
const MAX_OPENED_BYTES = 64 * 1024;

const OAEP_256 = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;
/** The IV length of AES-GCM; RFC 7518 section 5.3 requires 96 bits. */
const IV_BYTES = 12;

interface ContentCipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm';
  readonly keyBytes: number;
  /** The protected header as it stands in the JWE, in base64url. */
  readonly header: string;
}

const contentCiphers: Readonly<Record<ContentEncryption, ContentCipher>> = {
  A128GCM: { name: 'aes-128-gcm', keyBytes: 16, header: headerOf('A128GCM') },
  A256GCM: { name: 'aes-256-gcm', keyBytes: 32, header: headerOf('A256GCM') },
};

function headerOf(enc: ContentEncryption): string {
  return Buffer.from(JSON.stringify({ alg: KEY_ENCRYPTION, enc })).toString('base64url');
}

/**
 * Returns `{"encData":"<JWE>"}`, compact (RFC 7516), for the provider's key. Content key and IV are new for every
 * call. It uses node:crypto in one step: jose does the same with WebCrypto, whose four jobs a message go through
 * other threads and take two to three times the CPU.
 */
export function sealBody(plainBody: string, encryption: BodyEncryption): string {
  const { name, keyBytes, header } = contentCiphers[encryption.contentEncryption];
  const random = randomBytes(keyBytes + IV_BYTES);
  const [contentKey, iv] = [random.subarray(0, keyBytes), random.subarray(keyBytes)];
  const wrappedKey = publicEncrypt({ key: encryption.serverKey, ...OAEP_256 }, contentKey);
  const cipher = createCipheriv(name, contentKey, iv);
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const sealed = Buffer.concat([cipher.update(plainBody, 'utf8'), cipher.final()]);
  const parts = [wrappedKey, iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  // The JWE has only base64url characters and dots, which need no quoting.
  return `{"encData":"${header}.${parts.join('.')}"}`;
}

export type OpenedBody =
  | { readonly kind: 'opened'; readonly bytes: Buffer }
  /** One sentence for people; holds nothing of the answer. */
  | { readonly kind: 'unopened'; readonly why: string };

/**
 * Decrypts the JWE of an answer. Never throws: an answer that can't be decrypted is one we could not read.
 * `clientKey` null: no key is set.
 */
export async function openBody(jwe: string, clientKey: KeyObject | null): Promise<OpenedBody> {
  if (clientKey === null) {
    return { kind: 'unopened', why: 'it is encrypted, and KONA_CLIENT_PRIVATE_KEY is not set' };
  }
  try {
    const { plaintext } = await compactDecrypt(jwe, clientKey, {
      keyManagementAlgorithms: [KEY_ENCRYPTION],
      contentEncryptionAlgorithms: [...contentEncryptions],
      maxDecompressedLength: MAX_OPENED_BYTES,
    });
    return { kind: 'opened', bytes: Buffer.from(plaintext) };
  } catch (error) {
    return { kind: 'unopened', why: whyUnopened(error) };
  }
}

function whyUnopened(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ERR_JWE_DECRYPTION_FAILED') {
    return 'it is encrypted for another key than KONA_CLIENT_PRIVATE_KEY, or damaged';
  }
  return `its encryption is none we accept (${code})`;
}
