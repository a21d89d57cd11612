import type { KeyObject } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { contentEncryptions } from '../../config/job-file/setting-schemas.ts';
import type { BodyEncryption } from './encryption-keys.ts';

const KEY_ENCRYPTION = 'RSA-OAEP-256';
/** Answers are some hundred bytes; what unpacks to more is no answer. */
const MAX_OPENED_BYTES = 64 * 1024;

/** `{"encData":"<JWE>"}`, compact, for the provider's key; content key and IV are made anew for every call. */
export async function sealBody(plainBody: string, encryption: BodyEncryption): Promise<string> {
  const jwe = await new CompactEncrypt(Buffer.from(plainBody, 'utf8'))
    .setProtectedHeader({ alg: KEY_ENCRYPTION, enc: encryption.contentEncryption })
    .encrypt(encryption.serverKey);
  // base64url and dots alone: nothing in it needs quoting.
  return `{"encData":"${jwe}"}`;
}

export type OpenedBody =
  | { readonly kind: 'opened'; readonly bytes: Buffer }
  /** One sentence for people; holds nothing of the answer. */
  | { readonly kind: 'unopened'; readonly why: string };

/** Opens the JWE of an answer. Never throws: what can't be opened is an answer we could not read. Null: no key is set. */
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
