import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { credentials, register, testPar, testUserId, withProvider } from './client-world.ts';
import { answerCode, type WireRequest } from './scripted-provider.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

function header(request: WireRequest | undefined, name: string): string | undefined {
  return request?.headers.find(([given]) => given === name)?.[1];
}

test('line, headers and body, digit for digit', async () => {
  await withProvider([answerCode('200 OK', '000_000')], {}, async (client, provider) => {
    const userId = testUserId('9999999999999999999');
    const call = await client.prepareRegistration(
      { userId, par: testPar('Q1A0B1C2D3E4F5A6B7C8D9E0F1A') },
      0xabc,
    );
    await client.send(call);

    const [request] = provider.requests;
    const body = '{"userId":9999999999999999999,"par":"Q1A0B1C2D3E4F5A6B7C8D9E0F1A"}';
    expect(request?.requestLine).toBe('POST /open-api/api/v1/recharges/auto/payments/register HTTP/1.1');
    expect(request?.body).toBe(body);
    expect(request?.headers).toEqual([
      ['host', `127.0.0.1:${provider.port}`],
      ['connection', 'keep-alive'],
      ['X-KM-User-AspId', credentials.aspId],
      ['X-KM-Correlation-Id', '261123091501-0000abc'],
      ['X-KM-Access-Key', credentials.accessKey],
      ['X-KM-Tran-Token', 'KMV1:20261123091501123:gZMD4bM+qhGKtgddW371j4XogmLPzv1mVTKJNYwMt6M='],
      ['X-KM-Tran-Time', '20261123091501'],
      ['X-KM-Time-Zone', 'KST'],
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json'],
      ['User-Agent', `kona-enroll/${version}`],
      ['content-length', String(body.length)],
    ]);
    expect(call.correlationId).toBe('261123091501-0000abc');
    expect(call.body).toBe(body);
  });
});

test('the token is over the bytes that arrived, and the zone is the one chosen', async () => {
  await withProvider([answerCode('200 OK', '000_000')], { timeZone: 'UTC' }, async (client, provider) => {
    await register(client);
    const [request] = provider.requests;
    const hmac = createHmac('sha256', credentials.secretKey)
      .update(request?.body ?? '')
      .digest('base64');
    expect(header(request, 'X-KM-Tran-Token')).toBe(`KMV1:20261123001501123:${hmac}`);
    expect(header(request, 'X-KM-Tran-Time')).toBe('20261123001501');
    expect(header(request, 'X-KM-Correlation-Id')).toBe('261123001501-0000001');
    expect(header(request, 'X-KM-Time-Zone')).toBe('UTC');
  });
});

test('the clock is read once a call, so that no request straddles midnight', async () => {
  const readings = ['2026-12-31T14:59:59.999Z', '2026-12-31T15:00:00.000Z'].map((text) => new Date(text));
  let read = 0;
  const now = (): Date => readings[Math.min(read++, 1)] ?? new Date(0);
  await withProvider([answerCode('200 OK', '000_000')], { now }, async (client, provider) => {
    const call = await client.prepareRegistration(
      { userId: testUserId('1'), par: testPar('Q100000000000000000000000Z9') },
      1,
    );
    expect(read).toBe(1);
    expect(call.preparedAt).toEqual(readings[0]);
    await client.send(call);
    const [request] = provider.requests;
    expect(header(request, 'X-KM-Tran-Time')).toBe('20261231235959');
    expect(header(request, 'X-KM-Correlation-Id')).toMatch(/^261231235959-/);
    expect(header(request, 'X-KM-Tran-Token')).toMatch(/^KMV1:20261231235959999:/);
  });
});

test('a record that can not be one is refused before anything is sent', async () => {
  await withProvider([], {}, async (client, provider) => {
    const record = {
      userId: '1}' as ReturnType<typeof testUserId>,
      par: testPar('Q100000000000000000000000Z9'),
    };
    await expect(client.prepareRegistration(record, 1)).rejects.toMatchObject({ code: 'request_user_id' });
    expect(provider.connections()).toBe(0);
  });
});
