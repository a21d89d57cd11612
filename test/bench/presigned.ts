import { createHmac } from 'node:crypto';
import { memberRow } from './bench-lists.ts';

const KST_MS = 9 * 60 * 60 * 1000;

export interface PresignedCall {
  readonly url: string;
  /** Each as `Name: value`. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** A call as a shell script would send it: signed before it starts, so that a peer without HMAC can send it. */
export function presign(number: number, env: Readonly<Record<string, string>>): PresignedCall {
  const [userId, par] = memberRow(number);
  const body = `{"userId":${userId},"par":"${par}"}`;
  const digits = new Date(Date.now() + KST_MS).toISOString().replaceAll(/\D/g, '');
  const signature = createHmac('sha256', env['KONA_SECRET_KEY'] ?? '')
    .update(body)
    .digest('base64');
  return {
    url: `${env['KONA_BASE_URL']}/api/v1/recharges/auto/payments/register`,
    headers: [
      `X-KM-User-AspId: ${env['KONA_ASP_ID']}`,
      `X-KM-Correlation-Id: ${digits.slice(2, 14)}-${number.toString(16).padStart(7, '0')}`,
      `X-KM-Access-Key: ${env['KONA_ACCESS_KEY']}`,
      `X-KM-Tran-Token: KMV1:${digits}:${signature}`,
      `X-KM-Tran-Time: ${digits.slice(0, 14)}`,
      'X-KM-Time-Zone: KST',
      'Content-Type: application/json',
    ],
    body,
  };
}
