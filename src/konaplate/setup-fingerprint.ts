import { scrypt, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { BodyEncryption } from './encryption/encryption-keys.ts';

/** Everything for which the provider can refuse a call without looking at its member and card. */
export interface SetupParts {
  readonly baseUrl: string;
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Null: bodies are sent plain. */
  readonly encryption: BodyEncryption | null;
  /** The key that decrypts answers; null: we have none. */
  readonly answerKey: KeyObject | null;
}

const HASH_BYTES = 24;
/** Each guess costs some 20 ms and 16 MiB. */
const COST = { N: 2 ** 14, r: 8, p: 1 };

const hash = promisify<string, string, number, typeof COST, Buffer>(scrypt);

/**
 * Identifies a set-up without revealing it: the fingerprint is equal for equal parts and differs where any part
 * differs. It is kept in the ledger, so computing it is slow, and a short secret can't be found by trying.
 */
export async function fingerprintSetup(parts: SetupParts): Promise<string> {
  const { baseUrl, aspId, accessKey, secretKey, encryption, answerKey } = parts;
  const secrets = [
    accessKey,
    secretKey,
    answerKey === null ? '' : exported(answerKey, 'pkcs8'),
    ...(encryption === null ? ['plain'] : encryptionParts(encryption)),
  ];
  const named = await hash(JSON.stringify(secrets), JSON.stringify([baseUrl, aspId]), HASH_BYTES, COST);
  return `1:${named.toString('base64url')}`;
}

function encryptionParts({ cryptoKeyId, serverKey, contentEncryption }: BodyEncryption): string[] {
  return [cryptoKeyId, contentEncryption, exported(serverKey, 'spki')];
}

function exported(key: KeyObject, type: 'spki' | 'pkcs8'): string {
  return key.export({ type, format: 'der' }).toString('base64');
}
