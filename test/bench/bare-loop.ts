// What a run is measured against: an undici Pool and as many loops as connections, which sign and send the same bodies
// and keep nothing. `bare-loop.ts <records> <connections> [encrypted]`, the provider from the environment.
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { Pool } from 'undici';
import { memberRow } from './bench-lists.ts';
import { tellCost, type Cost } from './cost.ts';

const { env } = process;
const [records = 0, connections = 0] = process.argv.slice(2, 4).map(Number);
const serverKey =
  process.argv[4] === 'encrypted'
    ? createPublicKey({ key: JSON.parse(env['KONA_SERVER_PUBLIC_KEY'] ?? '') as JsonWebKey, format: 'jwk' })
    : null;
const pool = new Pool(env['KONA_BASE_URL'] ?? '', { connections, pipelining: 1, allowH2: false });
const path = '/api/v1/recharges/auto/payments/register';
const KST_MS = 9 * 60 * 60 * 1000;

async function bodyOf(number: number): Promise<string> {
  const [userId, par] = memberRow(number);
  const plain = `{"userId":${userId},"par":"${par}"}`;
  if (serverKey === null) return plain;
  const jwe = await new CompactEncrypt(Buffer.from(plain))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A128GCM' })
    .encrypt(serverKey);
  return `{"encData":"${jwe}"}`;
}

function headersOf(number: number, body: string): Record<string, string> {
  const digits = new Date(Date.now() + KST_MS).toISOString().replaceAll(/\D/g, '');
  const seconds = digits.slice(0, 14);
  const signature = createHmac('sha256', env['KONA_SECRET_KEY'] ?? '')
    .update(body)
    .digest('base64');
  return {
    'X-KM-User-AspId': env['KONA_ASP_ID'] ?? '',
    'X-KM-Correlation-Id': `${seconds.slice(2)}-${number.toString(16).padStart(7, '0')}`,
    'X-KM-Access-Key': env['KONA_ACCESS_KEY'] ?? '',
    ...(serverKey === null ? {} : { 'X-KM-Crypto-Key-Id': env['KONA_CRYPTO_KEY_ID'] ?? '' }),
    'X-KM-Tran-Token': `KMV1:${digits}:${signature}`,
    'X-KM-Tran-Time': seconds,
    'X-KM-Time-Zone': 'KST',
    'Content-Type': 'application/json',
    Accept: 'application/json',
  };
}

let taken = 0;
let enrolled = 0;

async function loop(): Promise<void> {
  while (taken < records) {
    taken += 1;
    const number = taken;
    const body = await bodyOf(number);
    const answer = await pool.request({ method: 'POST', path, headers: headersOf(number, body), body });
    const { response } = (await answer.body.json()) as { response: { code: string } };
    if (response.code === '000_000') enrolled += 1;
  }
}

const costNow = (): Cost => ({ ms: performance.now(), cpu: process.cpuUsage(), databaseCpu: 0 });
const start = costNow();
await Promise.all(Array.from({ length: connections }, loop));
tellCost(start, costNow(), enrolled);
await pool.close();
