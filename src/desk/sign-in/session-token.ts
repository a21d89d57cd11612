import { createHash, randomBytes } from 'node:crypto';

/** 256 bits can't be guessed by trying. */
const TOKEN_BYTES = 32;

export function makeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Returns the hash of a token, which the ledger stores in its place. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
