import { createHmac, randomBytes } from 'node:crypto';
import type { OidcSignIn } from '../../config/desk/sign-in-configuration.ts';

/** 256 bits can't be guessed by trying. */
const TOKEN_BYTES = 32;

export function makeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/**
 * Returns the hash of a token, which the ledger stores in its place. It is keyed with the client's secret and with the
 * provider's address, so that a new secret, or another provider, ends every session.
 */
export function hashOfToken(token: string, { clientSecret, clientId, issuer }: OidcSignIn): string {
  return createHmac('sha256', JSON.stringify([issuer, clientId, clientSecret.reveal()]))
    .update(token)
    .digest('hex');
}
