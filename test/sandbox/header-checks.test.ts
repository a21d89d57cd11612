import { describe, expect, test } from 'vitest';
import { sandboxCredentials } from '../../src/sandbox/provider/credentials.ts';
import vectors from '../contract/provider-vectors.json' with { type: 'json' };
import {
  plainBody,
  registerCall,
  sendCall,
  sign,
  signedCall,
  somePar,
  tokenTimeOf,
  withHeader,
  type RawCall,
} from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';

const zeroSignature = `${'A'.repeat(43)}=`;

function spoil(name: string, value: string | null): (call: RawCall) => RawCall {
  return (call) => withHeader(call, name, value);
}

function repeat(name: string): (call: RawCall) => RawCall {
  return (call) => ({
    ...call,
    headers: [...call.headers, ...call.headers.filter(([header]) => header === name)],
  });
}

/** What one header of a correct call is changed to, and the reason given back. */
const badRequests: [string, (call: RawCall) => RawCall, string][] = [
  ['no ASP id', spoil('X-KM-User-AspId', null), 'asp_id'],
  ['an ASP id of 14', spoil('X-KM-User-AspId', 'SANDBOX0000001'), 'asp_id'],
  ['two ASP ids', repeat('X-KM-User-AspId'), 'asp_id'],
  ['no correlation id', spoil('X-KM-Correlation-Id', null), 'correlation_id'],
  [
    'a correlation id that is not hex',
    spoil('X-KM-Correlation-Id', '261123091501-000000g'),
    'correlation_id',
  ],
  ['a correlation id of 19', spoil('X-KM-Correlation-Id', '261123091501-000000'), 'correlation_id'],
  ['two correlation ids', repeat('X-KM-Correlation-Id'), 'correlation_id'],
  ['another time in it', spoil('X-KM-Correlation-Id', '200101000000-0000001'), 'correlation_time'],
  ['no access key', spoil('X-KM-Access-Key', null), 'access_key'],
  ['an access key of 41', spoil('X-KM-Access-Key', 'a'.repeat(41)), 'access_key'],
  ['two access keys', repeat('X-KM-Access-Key'), 'access_key'],
  ['a crypto key id with a plain body', spoil('X-KM-Crypto-Key-Id', 'c'.repeat(32)), 'crypto_key_id'],
  ['an empty crypto key id', spoil('X-KM-Crypto-Key-Id', ''), 'crypto_key_id'],
  ['no zone', spoil('X-KM-Time-Zone', null), 'time_zone'],
  ['an unknown zone', spoil('X-KM-Time-Zone', 'JST'), 'time_zone'],
  ['two zones', repeat('X-KM-Time-Zone'), 'time_zone'],
  ['no time', spoil('X-KM-Tran-Time', null), 'tran_time'],
  ['a time of 16', spoil('X-KM-Tran-Time', '2026112309150100'), 'tran_time'],
  ['a day that does not exist', spoil('X-KM-Tran-Time', '20260231000000'), 'tran_time'],
  ['two times', repeat('X-KM-Tran-Time'), 'tran_time'],
  ['another time than the token', spoil('X-KM-Tran-Time', '20260101000000'), 'token_time'],
  ['no token', spoil('X-KM-Tran-Token', null), 'tran_token'],
  ['a token of 66', spoil('X-KM-Tran-Token', `KMV1:2026112309150112:${zeroSignature}`), 'tran_token'],
  ['another version', spoil('X-KM-Tran-Token', `KMV2:20261123091501123:${zeroSignature}`), 'tran_token'],
  [
    'base64 without its padding',
    spoil('X-KM-Tran-Token', `KMV1:20261123091501123:${'A'.repeat(43)}`),
    'tran_token',
  ],
  ['two tokens', repeat('X-KM-Tran-Token'), 'tran_token'],
  ['no content type', spoil('Content-Type', null), 'content_type'],
  ['a form', spoil('Content-Type', 'application/x-www-form-urlencoded'), 'content_type'],
  ['no accept', spoil('Accept', null), 'accept'],
  ['any accept', spoil('Accept', '*/*'), 'accept'],
];

describe('a header', () => {
  test.each(badRequests)('%s: 400 000_002', async (_what, change, reason) => {
    const sandbox = await openSandbox();
    const reply = await sendCall(sandbox.baseUrl, change(registerCall('1', somePar)));
    expect(reply).toMatchObject({ kind: 'whole', status: 400, code: '000_002', reason });
    expect(reply).toMatchObject({
      text: '{"response":{"code":"000_002","description":"Invalid input parameter."}}',
    });
    expect(sandbox.truth()).toEqual([]);
    expect(sandbox.calls()).toMatchObject([{ answer: '000_002', reason, processed: false }]);
  });

  test('unspoilt is accepted, in both zones and with a charset', async () => {
    const sandbox = await openSandbox();
    const calls = [
      registerCall('1', somePar),
      signedCall(plainBody('1', somePar), { zone: 'UTC' }),
      withHeader(registerCall('1', somePar), 'Content-Type', 'application/json; charset=utf-8'),
    ];
    const replies = await Promise.all(calls.map((call) => sendCall(sandbox.baseUrl, call)));
    expect(replies.map((reply) => (reply.kind === 'whole' ? reply.reason : reply.error))).toEqual([
      null,
      null,
      null,
    ]);
    expect(sandbox.truth()).toMatchObject([{ userId: '1', par: somePar }]);
  });

  test('a correlation id is taken once, in whichever case', async () => {
    const sandbox = await openSandbox();
    const call = registerCall('1', somePar);
    const prefix = call.headers.find(([name]) => name === 'X-KM-Correlation-Id')?.[1].slice(0, 13);
    const replies = [];
    for (const end of ['00000ab', '00000AB', '00000ac']) {
      replies.push(
        await sendCall(sandbox.baseUrl, withHeader(call, 'X-KM-Correlation-Id', `${prefix}${end}`)),
      );
    }
    expect(replies).toMatchObject([
      { code: '000_000' },
      { status: 400, code: '000_002', reason: 'correlation_id_repeated' },
      { code: '007_017' },
    ]);
  });

  test('the correlation id comes back, if it is one', async () => {
    const sandbox = await openSandbox();
    const good = registerCall('1', somePar);
    const sent = good.headers.find(([name]) => name === 'X-KM-Correlation-Id')?.[1];
    expect(await sendCall(sandbox.baseUrl, good)).toMatchObject({ headers: { 'x-km-correlation-id': sent } });
    const bad = await sendCall(sandbox.baseUrl, withHeader(good, 'X-KM-Correlation-Id', 'nonsense'));
    expect(bad.kind === 'whole' && bad.headers['x-km-correlation-id']).toBe(undefined);
  });
});

describe('whose call it is', () => {
  const strangers: [string, (call: RawCall) => RawCall, string][] = [
    ['another ASP id', spoil('X-KM-User-AspId', 'SANDBOX00000002'), 'unknown_asp_id'],
    ['another access key', spoil('X-KM-Access-Key', 'b'.repeat(40)), 'unknown_access_key'],
    ['another body than the signed one', (call) => ({ ...call, body: `${call.body} ` }), 'signature'],
  ];

  test.each(strangers)('%s: 401 with a code of no document', async (_what, change, reason) => {
    const sandbox = await openSandbox();
    const reply = await sendCall(sandbox.baseUrl, change(registerCall('1', somePar)));
    expect(reply).toMatchObject({ status: 401, code: '000_401', reason });
    expect(sandbox.truth()).toEqual([]);
  });

  test('a signature by another key: 401', async () => {
    const sandbox = await openSandbox();
    const body = plainBody('1', somePar);
    const tokenTime = tokenTimeOf(new Date(), 'KST');
    const call = withHeader(
      signedCall(body, { tokenTime }),
      'X-KM-Tran-Token',
      sign(tokenTime, body, 'wrong'),
    );
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ status: 401, reason: 'signature' });
  });

  test.each([
    [-301_000, 'stale_time'],
    [-299_000, null],
    [299_000, null],
    [301_000, 'stale_time'],
  ])('a clock %i ms off: %s', async (offset, reason) => {
    const now = new Date('2026-12-31T15:00:00.000Z');
    const sandbox = await openSandbox({ now: () => now });
    const call = signedCall(plainBody('1', somePar), { instant: new Date(now.getTime() + offset) });
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({
      status: reason === null ? 200 : 401,
      reason,
    });
  });

  test('the right time in the wrong zone is nine hours off', async () => {
    const sandbox = await openSandbox();
    const call = withHeader(registerCall('1', somePar), 'X-KM-Time-Zone', 'UTC');
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ status: 401, reason: 'stale_time' });
  });
});

describe('the vectors', () => {
  test.each(vectors.tranTokens)('token $token', async ({ secretKey, timestamp, body, token }) => {
    const credentials = { ...sandboxCredentials, secretKey };
    const sandbox = await openSandbox({ credentials, now: () => new Date('2026-11-23T00:15:01.123Z') });
    const call = withHeader(signedCall(body, { tokenTime: timestamp }), 'X-KM-Tran-Token', token);
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ status: 200, code: '000_000' });
    const altered = withHeader(
      signedCall(body.replace('"par":"Q1', '"par":"Q2'), { tokenTime: timestamp }),
      'X-KM-Tran-Token',
      token,
    );
    expect(await sendCall(sandbox.baseUrl, altered)).toMatchObject({ status: 401, reason: 'signature' });
  });

  test.each(vectors.clock)('$instant in $zone', async ({ instant, zone, tranTime, tokenTime }) => {
    const sandbox = await openSandbox({ now: () => new Date(instant) });
    const call = signedCall(plainBody('1', somePar), { tokenTime, zone: zone === 'UTC' ? 'UTC' : 'KST' });
    expect(call.headers).toContainEqual(['X-KM-Tran-Time', tranTime]);
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ status: 200 });
  });

  test('looked at some', () => {
    expect([vectors.tranTokens.length, vectors.clock.length]).toEqual([2, 3]);
  });
});
