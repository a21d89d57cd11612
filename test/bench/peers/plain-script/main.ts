// What somebody writes in an hour: reads the list whole, calls with a limit of 64, and keeps one row a call.
// `main.ts <list.csv>`, the provider and DATABASE_URL from the environment; the table `peer_result` is there.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import pLimit from 'p-limit';
import pg from 'pg';

const { env } = process;
const KST_MS = 9 * 60 * 60 * 1000;
const rows: string[][] = parse(readFileSync(process.argv[2] ?? '', 'utf8'), { from_line: 2 });
const pool = new pg.Pool({ connectionString: env['DATABASE_URL'], max: 10 });
const limit = pLimit(64);
let number = 0;

async function enroll(userId: string, par: string): Promise<void> {
  number += 1;
  const body = `{"userId":${userId},"par":"${par}"}`;
  const digits = new Date(Date.now() + KST_MS).toISOString().replaceAll(/\D/g, '');
  const signature = createHmac('sha256', env['KONA_SECRET_KEY'] ?? '')
    .update(body)
    .digest('base64');
  const answer = await fetch(`${env['KONA_BASE_URL']}/api/v1/recharges/auto/payments/register`, {
    method: 'POST',
    body,
    headers: {
      'X-KM-User-AspId': env['KONA_ASP_ID'] ?? '',
      'X-KM-Correlation-Id': `${digits.slice(2, 14)}-${number.toString(16).padStart(7, '0')}`,
      'X-KM-Access-Key': env['KONA_ACCESS_KEY'] ?? '',
      'X-KM-Tran-Token': `KMV1:${digits}:${signature}`,
      'X-KM-Tran-Time': digits.slice(0, 14),
      'X-KM-Time-Zone': 'KST',
      'Content-Type': 'application/json',
    },
  });
  const { response } = (await answer.json()) as { response: { code: string } };
  await pool.query('insert into peer_result (user_id, par, code) values ($1, $2, $3)', [
    userId,
    par,
    response.code,
  ]);
}

await Promise.all(rows.map(async ([userId = '', par = '']) => await limit(enroll, userId, par)));
await pool.end();
