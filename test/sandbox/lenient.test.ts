import { describe, expect, test } from 'vitest';
import { sandboxCredentials } from '../../src/sandbox/provider/credentials.ts';
import {
  plainBody,
  plansCall,
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
import { someKeys } from './sealed-client.ts';

function withToken(call: RawCall, tokenTime: string, secretKey = sandboxCredentials.secretKey): RawCall {
  return withHeader(call, 'X-KM-Tran-Token', sign(tokenTime, call.body, secretKey));
}

const spoil = (name: string, value: string | null) => (call: RawCall) => withHeader(call, name, value);

/** What strict rules refuse, with their reason, and lenient ones let pass. */
const forgiven: [string, string, (call: RawCall) => RawCall][] = [
  ['content_type', 'a content type with other parameters', spoil('Content-Type', 'application/json;v=1')],
  ['accept', 'any accept', spoil('Accept', '*/*')],
  ['accept', 'no accept', spoil('Accept', null)],
  [
    'correlation_id',
    'a correlation id of another form',
    spoil('X-KM-Correlation-Id', 'ab_cdefghijklmnopqrs'),
  ],
  ['correlation_time', 'another time in it', spoil('X-KM-Correlation-Id', '200101000000-0000001')],
  ['time_zone', 'a zone in lower case', spoil('X-KM-Time-Zone', 'kst')],
  ['tran_time', 'a time of 16', (call) => withHeader(call, 'X-KM-Tran-Time', `${timeOf(call)}00`)],
  ['tran_token', 'a token of 66', (call) => withToken(call, `${timeOf(call)}12`)],
  ['token_time', 'another time in the token', (call) => withToken(call, '20200101000000000')],
  ['crypto_key_id', 'a key id beside a plain body', spoil('X-KM-Crypto-Key-Id', someKeys.cryptoKeyId)],
  ['body', 'another field', () => signedCall(`{"userId":1,"par":"${somePar}","note":1}`)],
  ['body', 'an id as text', () => signedCall(`{"userId":"1","par":"${somePar}"}`)],
  [
    'stale_time',
    'a clock 23 hours slow',
    () => signedCall(plainBody('1', somePar), { instant: new Date(Date.now() - 23 * 3_600_000) }),
  ],
];

function timeOf(call: RawCall): string {
  return call.headers.find(([name]) => name === 'X-KM-Tran-Time')?.[1] ?? '';
}

describe('lenient', () => {
  test.each(forgiven)('%s: %s passes, and only there', async (reason, _what, change) => {
    const strict = await openSandbox({ encryptionKeys: someKeys });
    expect(await sendCall(strict.baseUrl, change(registerCall('1', somePar)))).toMatchObject({ reason });
    expect(strict.truth()).toEqual([]);
    const lenient = await openSandbox({ encryptionKeys: someKeys, lenient: true });
    expect(await sendCall(lenient.baseUrl, change(registerCall('1', somePar)))).toMatchObject({
      status: 200,
      code: '000_000',
    });
    expect(lenient.truth()).toMatchObject([{ userId: '1', par: somePar }]);
  });

  test('a correlation id may come again', async () => {
    const sandbox = await openSandbox({ lenient: true });
    const call = registerCall('1', somePar);
    await sendCall(sandbox.baseUrl, call);
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ code: '007_017' });
  });

  test('plans calls are read as leniently', async () => {
    const sandbox = await openSandbox({ lenient: true });
    const call: RawCall = { ...signedCall('{"userId":"1","page":1}'), kind: 'plans' };
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ code: '000_000' });
  });

  test('every correct call is correct there too', async () => {
    const sandbox = await openSandbox({ lenient: true });
    for (const call of [registerCall('1', somePar), plansCall('1')]) {
      expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ status: 200 });
    }
  });
});

describe('what is never let pass', () => {
  const now = tokenTimeOf(new Date(), 'KST');
  const never: [string, string, (call: RawCall) => RawCall][] = [
    ['tran_token', 'no signature', spoil('X-KM-Tran-Token', null)],
    ['signature', 'a signature by another key', (call) => withToken(call, now, 'wrong')],
    ['signature', 'another body than the signed one', (call) => ({ ...call, body: `${call.body} ` })],
    ['unknown_asp_id', 'another ASP id', spoil('X-KM-User-AspId', 'SANDBOX00000002')],
    ['unknown_access_key', 'another access key', spoil('X-KM-Access-Key', 'b'.repeat(40))],
    ['content_type', 'a form', spoil('Content-Type', 'application/x-www-form-urlencoded')],
    ['correlation_id', 'no correlation id', spoil('X-KM-Correlation-Id', null)],
    ['time_zone', 'another zone', spoil('X-KM-Time-Zone', 'JST')],
    ['body', 'a PAR of 26', () => signedCall(plainBody('1', somePar.slice(1)))],
    ['body', 'an id with a leading zero', () => signedCall(`{"userId":"01","par":"${somePar}"}`)],
    [
      'unknown_crypto_key_id',
      'an unknown key id',
      () => withHeader(signedCall('{"encData":"e30.e30.e30.e30.e30"}'), 'X-KM-Crypto-Key-Id', 'c'.repeat(32)),
    ],
    [
      'stale_time',
      'a clock 25 hours slow',
      () => signedCall(plainBody('1', somePar), { instant: new Date(Date.now() - 25 * 3_600_000) }),
    ],
  ];

  test.each(never)('%s: %s', async (reason, _what, change) => {
    const sandbox = await openSandbox({ lenient: true, encryptionKeys: someKeys });
    expect(await sendCall(sandbox.baseUrl, change(registerCall('1', somePar)))).toMatchObject({ reason });
    expect(sandbox.truth()).toEqual([]);
  });
});
