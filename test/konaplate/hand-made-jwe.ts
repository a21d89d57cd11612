import {
  constants,
  createCipheriv,
  createDecipheriv,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

/** A JWE taken apart and opened by RFC 7516 and node:crypto alone: no library that could share a mistake. */
export interface OpenedJwe {
  readonly header: unknown;
  readonly contentKey: string;
  readonly iv: string;
  readonly plaintext: string;
}

const OAEP_256 = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

export function openByHand(jwe: string, privateKey: KeyObject): OpenedJwe {
  const parts = jwe.split('.');
  const [header = '', wrapped = '', iv = '', ciphertext = '', tag = ''] = parts;
  if (parts.length !== 5) throw new Error(`a compact JWE has 5 parts, this has ${parts.length}`);
  const read = JSON.parse(bytesOf(header).toString('utf8')) as { enc: string };
  const contentKey = privateDecrypt({ key: privateKey, ...OAEP_256 }, bytesOf(wrapped));
  const cipher = read.enc === 'A128GCM' ? 'aes-128-gcm' : 'aes-256-gcm';
  const opening = createDecipheriv(cipher, contentKey, bytesOf(iv));
  opening.setAAD(Buffer.from(header, 'ascii'));
  opening.setAuthTag(bytesOf(tag));
  const plaintext = Buffer.concat([opening.update(bytesOf(ciphertext)), opening.final()]).toString('utf8');
  return { header: read, contentKey: contentKey.toString('hex'), iv, plaintext };
}

export function sealByHand(
  plaintext: string,
  publicKey: KeyObject,
  headerFields: Readonly<Record<string, string>> = { alg: 'RSA-OAEP-256', enc: 'A128GCM' },
): string {
  const header = textOf(Buffer.from(JSON.stringify(headerFields)));
  const isLong = headerFields['enc'] === 'A256GCM';
  const contentKey = randomBytes(isLong ? 32 : 16);
  const iv = randomBytes(12);
  const sealing = createCipheriv(isLong ? 'aes-256-gcm' : 'aes-128-gcm', contentKey, iv);
  sealing.setAAD(Buffer.from(header, 'ascii'));
  const ciphertext = Buffer.concat([sealing.update(plaintext, 'utf8'), sealing.final()]);
  const wrapped = publicEncrypt({ key: publicKey, ...OAEP_256 }, contentKey);
  return [header, ...[wrapped, iv, ciphertext, sealing.getAuthTag()].map(textOf)].join('.');
}

function bytesOf(part: string): Buffer {
  return Buffer.from(part, 'base64url');
}

function textOf(bytes: Buffer): string {
  return bytes.toString('base64url');
}
