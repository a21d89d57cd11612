import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import { secretOf, type Environment } from '../environment.ts';
import { checkHeaderValue } from './header-value.ts';
import { Secret } from '../secret.ts';
import type { ContentEncryption } from '../job-file/setting-schemas.ts';

/** The encryption settings as they were given; the code that uses the keys parses them. */
export interface EncryptionConfiguration {
  readonly cryptoKeyId: string;
  /** A key or a certificate, in any of the forms of `readKeyMaterial`. */
  readonly serverPublicKey: string;
  readonly contentEncryption: ContentEncryption;
}

const CRYPTO_KEY_ID = 'KONA_CRYPTO_KEY_ID';
const SERVER_PUBLIC_KEY = 'KONA_SERVER_PUBLIC_KEY';
const CLIENT_PRIVATE_KEY = 'KONA_CLIENT_PRIVATE_KEY';

/** Resolves the encryption. Key id and provider key are required. */
export async function resolveEncryption(
  contentEncryption: ContentEncryption,
  environment: Environment,
): Promise<Checked<EncryptionConfiguration>> {
  const [cryptoKeyId, serverPublicKey] = await Promise.all([
    secretOf(environment, CRYPTO_KEY_ID),
    secretOf(environment, SERVER_PUBLIC_KEY),
  ]);
  const malformed = checkHeaderValue(CRYPTO_KEY_ID, cryptoKeyId, 32);
  if (cryptoKeyId.kind === 'refused' || serverPublicKey.kind === 'refused' || malformed.length > 0) {
    return refused(...malformed, ...problemsOf(serverPublicKey));
  }
  if (cryptoKeyId.value === null || serverPublicKey.value === null) {
    const missing = [
      ...(cryptoKeyId.value === null ? [CRYPTO_KEY_ID] : []),
      ...(serverPublicKey.value === null ? [SERVER_PUBLIC_KEY] : []),
    ];
    return refused(
      `provider.encryption is required, and not set: ${missing.join(', ')} (or the same with _FILE); only a test set-up may say encryption: off`,
    );
  }
  return valid({
    cryptoKeyId: cryptoKeyId.value,
    serverPublicKey: serverPublicKey.value,
    contentEncryption,
  });
}

/**
 * Resolves our own private key, which decrypts answers; null where none is set. Answers may be encrypted even where
 * requests are not, so it is also read in a plain set-up; there, a key that can't be read does not refuse a run.
 */
export async function resolveAnswerKey(
  isEncrypted: boolean,
  environment: Environment,
): Promise<Checked<Secret | null>> {
  const found = await secretOf(environment, CLIENT_PRIVATE_KEY);
  if (found.kind === 'refused') return isEncrypted ? found : valid(null);
  return valid(found.value === null ? null : new Secret(found.value));
}
