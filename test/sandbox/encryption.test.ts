import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSandboxKeyPairs } from '../../src/sandbox/provider/key-pairs.ts';
import type { SandboxOptions } from '../../src/sandbox/wire/server.ts';
import {
  plainBody,
  registerCall,
  sendCall,
  sign,
  signedCall,
  somePar,
  withHeader,
  type RawCall,
} from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';
import { openReply, sealBody, sealedCall, someKeys } from './sealed-client.ts';

const longestId = '9999999999999999999';
const someBody = plainBody(longestId, somePar);
const success = '{"response":{"code":"000_000","description":"Success."}}';

async function setup(options: SandboxOptions = {}) {
  const sandbox = await openSandbox({ encryptionKeys: someKeys, ...options });
  return { sandbox, keys: await sandbox.encryptionKeys() };
}

test.each(['A128GCM', 'A256GCM'])('a call encrypted by %s is answered encrypted', async (enc) => {
  const { sandbox, keys } = await setup();
  const reply = await sendCall(sandbox.baseUrl, await sealedCall(someBody, keys, { enc }));
  expect(reply).toMatchObject({
    status: 200,
    code: null,
    headers: { 'x-km-crypto-key-id': keys.cryptoKeyId, 'content-type': 'application/json' },
  });
  expect(await openReply(reply, keys)).toBe(success);
  expect(sandbox.truth()).toMatchObject([{ userId: longestId, par: somePar }]);
});

test('so is its refusal once it was opened, and a plain call stays plain', async () => {
  const { sandbox, keys } = await setup();
  const wrong = await sendCall(sandbox.baseUrl, await sealedCall(plainBody('0', somePar), keys));
  expect(wrong).toMatchObject({ status: 400, code: null, reason: 'body' });
  expect(await openReply(wrong, keys)).toContain('000_002');
  const plain = await sendCall(sandbox.baseUrl, registerCall('1', somePar));
  expect(plain).toMatchObject({ status: 200, text: success });
  expect(plain.kind === 'whole' && 'x-km-crypto-key-id' in plain.headers).toBe(false);
});

test('with plainAnswers the call is opened all the same', async () => {
  const { sandbox, keys } = await setup({ plainAnswers: true });
  const reply = await sendCall(sandbox.baseUrl, await sealedCall(someBody, keys));
  expect(reply).toMatchObject({ status: 200, text: success });
  expect(sandbox.truth()).toMatchObject([{ userId: longestId, par: somePar }]);
});

test('with requireEncryption a plain call is refused', async () => {
  const { sandbox, keys } = await setup({ requireEncryption: true });
  expect(await sendCall(sandbox.baseUrl, registerCall('1', somePar))).toMatchObject({
    status: 400,
    code: '000_002',
    reason: 'encryption_required',
  });
  expect(sandbox.truth()).toEqual([]);
  expect(await sendCall(sandbox.baseUrl, await sealedCall(someBody, keys))).toMatchObject({ status: 200 });
});

describe('what is refused before it is opened, in plain', () => {
  /** The refusal as its client and the log see it. */
  async function askRefusal(call: RawCall): Promise<string> {
    const { sandbox } = await setup();
    const reply = await sendCall(sandbox.baseUrl, call);
    const [logged] = sandbox.calls();
    const isLogged =
      reply.kind === 'whole' && logged?.answer === reply.code && logged?.reason === reply.reason;
    if (!isLogged || logged.processed || sandbox.truth().length > 0) return 'not what the log says';
    return `${reply.status} ${reply.code} ${reply.reason}`;
  }

  test('an encrypted body without the key id', async () => {
    const { keys } = await setup();
    const call = await sealedCall(someBody, keys);
    expect(await askRefusal(withHeader(call, 'X-KM-Crypto-Key-Id', null))).toBe(
      '400 000_002 crypto_key_id_missing',
    );
  });

  test('the key id with a plain body', async () => {
    const call = withHeader(registerCall('1', somePar), 'X-KM-Crypto-Key-Id', someKeys.cryptoKeyId);
    expect(await askRefusal(call)).toBe('400 000_002 crypto_key_id');
  });

  test('a key id of 31 characters', async () => {
    const { keys } = await setup();
    const call = await sealedCall(someBody, keys);
    expect(await askRefusal(withHeader(call, 'X-KM-Crypto-Key-Id', keys.cryptoKeyId.slice(1)))).toBe(
      '400 000_002 crypto_key_id',
    );
  });

  test.each([
    ['where there are others', { encryptionKeys: someKeys }],
    ['where there are none yet', {}],
  ])('an unknown key id, %s', async (_where, options) => {
    const { keys } = await setup();
    const call = withHeader(await sealedCall(someBody, keys), 'X-KM-Crypto-Key-Id', 'c'.repeat(32));
    const sandbox = await openSandbox(options);
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({
      status: 400,
      code: '000_002',
      reason: 'unknown_crypto_key_id',
    });
  });

  test.each([
    ['another key wrapping', { alg: 'RSA-OAEP' }],
    ['another encryption', { enc: 'A192GCM' }],
    ['an encryption with a separate MAC', { enc: 'A128CBC-HS256' }],
  ])('%s', async (_what, how) => {
    const { keys } = await setup();
    expect(await askRefusal(await sealedCall(someBody, keys, how))).toBe('400 000_002 enc_data');
  });

  test('a body for another key', async () => {
    const { keys } = await setup();
    const stranger = await openSandbox({ encryptionKeys: await createSandboxKeyPairs() });
    const { serverPublicKey } = await stranger.encryptionKeys();
    expect(await askRefusal(await sealedCall(someBody, { ...keys, serverPublicKey }))).toBe(
      '400 000_002 enc_data',
    );
  });

  test('a compressed body', async () => {
    const { keys } = await setup();
    const key = await importJWK(JSON.parse(keys.serverPublicKey) as JWK, 'RSA-OAEP-256');
    const encData = await new CompactEncrypt(Buffer.from(someBody))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A128GCM', zip: 'DEF' })
      .encrypt(key);
    const call = signedCall(JSON.stringify({ encData }));
    expect(await askRefusal(withHeader(call, 'X-KM-Crypto-Key-Id', keys.cryptoKeyId))).toBe(
      '400 000_002 enc_data',
    );
  });

  test.each([
    ['no envelope', '{"encData":"nonsense"}'],
    ['a number', '{"encData":1}'],
    ['four parts', '{"encData":"e30.e30.e30.e30"}'],
    ['a part in standard base64', '{"encData":"e30=.e30.e30.e30.e30"}'],
  ])('%s', async (_what, body) => {
    const call = withHeader(signedCall(body), 'X-KM-Crypto-Key-Id', someKeys.cryptoKeyId);
    expect(await askRefusal(call)).toBe('400 000_002 enc_data');
  });

  test('a second field beside the envelope: no encrypted body', async () => {
    const { keys } = await setup();
    const body = (await sealBody(someBody, keys.serverPublicKey)).replace('}', ',"userId":1}');
    expect(await askRefusal(withHeader(signedCall(body), 'X-KM-Crypto-Key-Id', keys.cryptoKeyId))).toBe(
      '400 000_002 crypto_key_id',
    );
  });
});

test('the signature is over the encrypted bytes, not over what is in them', async () => {
  const { sandbox, keys } = await setup();
  const call = await sealedCall(someBody, keys);
  const token = call.headers.find(([name]) => name === 'X-KM-Tran-Token')?.[1] ?? '';
  const overPlain = sign(token.split(':')[1] ?? '', someBody, sandbox.credentials.secretKey);
  expect(await sendCall(sandbox.baseUrl, withHeader(call, 'X-KM-Tran-Token', overPlain))).toMatchObject({
    status: 401,
    reason: 'signature',
  });
  // The counter-test: the same body as a client signs it.
  const { body } = call;
  const signed = withHeader(signedCall(body), 'X-KM-Crypto-Key-Id', keys.cryptoKeyId);
  expect(await sendCall(sandbox.baseUrl, signed)).toMatchObject({ status: 200 });
});

test('an answer is sealed anew each time', async () => {
  const { sandbox, keys } = await setup();
  const texts = new Set<string>();
  for (let time = 0; time < 3; time += 1) {
    const reply = await sendCall(sandbox.baseUrl, await sealedCall(someBody, keys));
    texts.add(
      createHash('sha256')
        .update(reply.kind === 'whole' ? reply.text : '')
        .digest('hex'),
    );
  }
  expect(texts.size).toBe(3);
});

test('keys are made once, of the lengths the page names, and told apart from the private ones', async () => {
  const sandbox = await openSandbox();
  const [first, second] = await Promise.all([sandbox.encryptionKeys(), sandbox.encryptionKeys()]);
  expect(second).toEqual(first);
  expect(first.cryptoKeyId).toMatch(/^[0-9a-f]{32}$/);
  const serverKey = JSON.parse(first.serverPublicKey) as JWK;
  expect(Object.keys(serverKey).toSorted()).toEqual(['e', 'kty', 'n']);
  expect(Buffer.from(serverKey.n ?? '', 'base64url')).toHaveLength(256);
  expect(JSON.parse(first.clientPrivateKey)).toMatchObject({ kty: 'RSA', d: expect.any(String) as string });
  const other = await (await openSandbox()).encryptionKeys();
  expect(other.cryptoKeyId).not.toBe(first.cryptoKeyId);
  const reply = await sendCall(sandbox.baseUrl, await sealedCall(someBody, first));
  expect(await openReply(reply, first)).toBe(success);
});

const digits = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 18 }))
  .map(([first, rest]) => [first, ...rest].join(''));

test('every user id survives, plain and encrypted', async () => {
  await fc.assert(
    fc.asyncProperty(digits, async (userId) => {
      const { sandbox, keys } = await setup();
      const body = plainBody(userId, somePar);
      const sealed = await sendCall(sandbox.baseUrl, await sealedCall(body, keys));
      expect(await openReply(sealed, keys)).toBe(success);
      expect(await sendCall(sandbox.baseUrl, signedCall(body))).toMatchObject({ code: '007_017' });
      expect(sandbox.truth()).toMatchObject([{ userId, par: somePar }]);
      await sandbox.close();
    }),
    { numRuns: 40 },
  );
});
