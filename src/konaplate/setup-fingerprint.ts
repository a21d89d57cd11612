import { scrypt, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { BodyEncryption } from './encryption/encryption-keys.ts';

/** All that the provider can refuse a call for without looking at its member and card. */
export interface SetupParts {
  readonly baseUrl: string;
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Null: bodies are sent plain. */
  readonly encryption: BodyEncryption | null;
  /** Opens encrypted answers; null: we have none. */
  readonly answerKey: KeyObject | null;
}

const HASH_BYTES = 24;
/** Some 20 ms and 16 MiB a guess. */
const COST = { N: 2 ** 14, r: 8, p: 1 };

const hash = promisify<string, string, number, typeof COST, Buffer>(scrypt);

/**
 * Names a set-up without telling it: the same for the same parts, another where any of them differs. It is kept in the
 * ledger, so it is slow to compute: a secret that is short can't be found by trying.
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
