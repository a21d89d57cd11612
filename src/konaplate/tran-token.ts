import { createHmac, type KeyObject } from 'node:crypto';

/**
 * Returns X-KM-Tran-Token, 67 characters: the time, and an HMAC-SHA256 over the exact bytes sent, which proves to the
 * provider who sent them and that nobody changed them. The body is signed as UTF-8.
 */
export function signTranToken(secretKey: KeyObject, tokenTime: string, body: string): string {
  const signature = createHmac('sha256', secretKey).update(body, 'utf8').digest('base64');
  return `KMV1:${tokenTime}:${signature}`;
}
