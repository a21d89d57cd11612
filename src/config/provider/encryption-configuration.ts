import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import { secretOf, type Environment } from '../environment.ts';
import { checkHeaderValue } from './header-value.ts';
import { Secret } from '../secret.ts';
import type { ContentEncryption } from '../job-file/setting-schemas.ts';

/** What encrypting takes, as it was given: the keys are read by who uses them. */
export interface EncryptionConfiguration {
  readonly cryptoKeyId: string;
  /** PEM (key or certificate) or JWK. */
  readonly serverPublicKey: string;
  /** PEM or JWK; null: encrypted answers can't be opened. */
  readonly clientPrivateKey: Secret | null;
  readonly contentEncryption: ContentEncryption;
}

const CRYPTO_KEY_ID = 'KONA_CRYPTO_KEY_ID';
const SERVER_PUBLIC_KEY = 'KONA_SERVER_PUBLIC_KEY';
const CLIENT_PRIVATE_KEY = 'KONA_CLIENT_PRIVATE_KEY';

/** Key id and provider key must be there; our own private key only where answers come encrypted. */
export async function resolveEncryption(
  contentEncryption: ContentEncryption,
  environment: Environment,
): Promise<Checked<EncryptionConfiguration>> {
  const [cryptoKeyId, serverPublicKey, clientPrivateKey] = await Promise.all([
    secretOf(environment, CRYPTO_KEY_ID),
    secretOf(environment, SERVER_PUBLIC_KEY),
    secretOf(environment, CLIENT_PRIVATE_KEY),
  ]);
  const malformed = checkHeaderValue(CRYPTO_KEY_ID, cryptoKeyId, 32);
  if (
    cryptoKeyId.kind === 'refused' ||
    serverPublicKey.kind === 'refused' ||
    clientPrivateKey.kind === 'refused' ||
    malformed.length > 0
  ) {
    return refused(...malformed, ...problemsOf(serverPublicKey, clientPrivateKey));
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
    clientPrivateKey: clientPrivateKey.value === null ? null : new Secret(clientPrivateKey.value),
    contentEncryption,
  });
}
