import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBody, sealBody } from '../../src/konaplate/encryption/body-encryption.ts';
import type { BodyEncryption } from '../../src/konaplate/encryption/encryption-keys.ts';
import { credentials, register, testPar, testUserId, withProvider } from './client-world.ts';
import { openByHand, sealByHand } from './hand-made-jwe.ts';
import { createRsaPair } from './key-pairs.ts';
import { answer, answerCode, type WireRequest } from './scripted-provider.ts';

const server = createRsaPair();
const client = createRsaPair();

const encryption: BodyEncryption = {
  cryptoKeyId: '0123456789abcdef0123456789ABCDEF',
  serverKey: server.publicKey,
  contentEncryption: 'A128GCM',
};

function header(request: WireRequest | undefined, name: string): string | undefined {
  return request?.headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
}

/** An encrypted set-up with our own key. */
const whole = { encryption, answerKey: client.privateKey };

/** The JWE of a body that is exactly `{"encData":"<JWE>"}`. */
function jweOf(body: string | undefined): string {
  const content = JSON.parse(body ?? '') as Record<string, string>;
  expect(Object.keys(content)).toEqual(['encData']);
  return content['encData'] ?? '';
}

/** An answer sealed for us, as the provider would write it. */
function sealedAnswer(plain: string, key = client.publicKey, fields?: Readonly<Record<string, string>>) {
  return answer('200 OK', JSON.stringify({ encData: sealByHand(plain, key, fields) }));
}

const success = '{"response":{"code":"000_000","description":"Success."}}';

describe('what is sent', () => {
  test.each(['A128GCM', 'A256GCM'] as const)('%s, opened by hand, digit for digit', async (enc) => {
    const changes = { encryption: { ...encryption, contentEncryption: enc } };
    await withProvider([answerCode('200 OK', '000_000')], changes, async (caller, provider) => {
      const par = testPar('Q1A0B1C2D3E4F5A6B7C8D9E0F1A');
      const call = await caller.prepareRegistration({ userId: testUserId('9999999999999999999'), par }, 7);
      await caller.send(call);

      const [request] = provider.requests;
      const opened = openByHand(jweOf(request?.body), server.privateKey);
      expect(opened.header).toEqual({ alg: 'RSA-OAEP-256', enc });
      expect(opened.plaintext).toBe(`{"userId":9999999999999999999,"par":"${par}"}`);
      expect(request?.body).not.toContain(par);
    });
  });

  test('the signature is over the encrypted bytes, and the key id goes with them', async () => {
    await withProvider([answerCode('200 OK', '000_000')], { encryption }, async (caller, provider) => {
      await register(caller);
      const [request] = provider.requests;
      const hmac = createHmac('sha256', credentials.secretKey)
        .update(request?.body ?? '')
        .digest('base64');
      expect(header(request, 'X-KM-Tran-Token')).toBe(`KMV1:20261123091501123:${hmac}`);
      expect(header(request, 'X-KM-Crypto-Key-Id')).toBe(encryption.cryptoKeyId);
    });
  });

  test('plain, there is no key id', async () => {
    await withProvider([answerCode('200 OK', '000_000')], {}, async (caller, provider) => {
      await register(caller);
      expect(header(provider.requests[0], 'X-KM-Crypto-Key-Id')).toBeUndefined();
      expect(provider.requests[0]?.body).toMatch(/^\{"userId":1,/);
    });
  });

  test('every call has a content key and an IV of its own', async () => {
    const bodies = Array.from({ length: 20 }, () => sealBody('{}', encryption));
    const opened = bodies.map((body) => openByHand(jweOf(body), server.privateKey));
    expect(new Set(opened.map((one) => one.contentKey)).size).toBe(20);
    expect(new Set(opened.map((one) => one.iv)).size).toBe(20);
  });

  test.each(['A128GCM', 'A256GCM'] as const)('jose opens %s as it was sealed', async (enc) => {
    const body = sealBody('{"userId":1}', { ...encryption, contentEncryption: enc });
    const opened = await openBody(jweOf(body), server.privateKey);
    expect(opened).toEqual({ kind: 'opened', bytes: Buffer.from('{"userId":1}') });
  });

  test('any user id and any PAR survive, digit for digit', async () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{0,18}$/);
    const par = fc.stringMatching(/^[A-Z0-9]{27}$/);
    await fc.assert(
      fc.asyncProperty(digits, par, async (userId, anyPar) => {
        const body = sealBody(`{"userId":${userId},"par":"${anyPar}"}`, encryption);
        const { plaintext } = openByHand(jweOf(body), server.privateKey);
        expect(plaintext).toBe(`{"userId":${userId},"par":"${anyPar}"}`);
      }),
    );
  });
});

describe('an encrypted answer', () => {
  test.each([['A128GCM'], ['A256GCM']])('%s is opened and read like a plain one', async (enc) => {
    const step = sealedAnswer(success, client.publicKey, { alg: 'RSA-OAEP-256', enc });
    await withProvider([step], whole, async (caller) => {
      expect((await register(caller)).reply).toEqual({
        kind: 'answered',
        httpStatus: 200,
        code: '000_000',
        unread: null,
        message: 'Success.',
        raw: success,
        retryAfterMs: null,
      });
    });
  });

  test('for another key: no code, and why; the answer is kept as it came', async () => {
    await withProvider([sealedAnswer(success, server.publicKey)], whole, async (caller) => {
      const { reply } = await register(caller);
      expect(reply).toMatchObject({ kind: 'answered', httpStatus: 200, code: null });
      expect(reply).toMatchObject({ unread: expect.stringMatching(/another key .* or damaged$/) as string });
      expect(reply).toMatchObject({ raw: expect.stringMatching(/^\{"encData":"/) as string });
    });
  });

  test('is opened whenever we have the key, also where our requests are plain', async () => {
    await withProvider([sealedAnswer(success)], { ...whole, encryption: null }, async (caller) => {
      expect((await register(caller)).reply).toMatchObject({ code: '000_000', raw: success });
    });
  });

  test.each([
    ['requests are encrypted', encryption],
    ['requests are plain', null],
  ])('our key is not set and %s: no code, and which setting is missing', async (_what, given) => {
    await withProvider([sealedAnswer(success)], { encryption: given }, async (caller) => {
      const { reply } = await register(caller);
      expect(reply).toMatchObject({
        code: null,
        unread: 'it is encrypted, and KONA_CLIENT_PRIVATE_KEY is not set',
      });
    });
  });

  test('opened, it may still be nothing we can read', async () => {
    await withProvider([sealedAnswer('<html>000_000</html>')], whole, async (caller) => {
      const { reply } = await register(caller);
      expect(reply).toMatchObject({
        code: null,
        unread: 'it is no JSON object',
        raw: '<html>000_000</html>',
      });
    });
  });

  test('an answer sealed twice is not opened twice', async () => {
    const inner = JSON.stringify({ encData: sealByHand(success, client.publicKey) });
    await withProvider([sealedAnswer(inner)], whole, async (caller) => {
      expect((await register(caller)).reply).toMatchObject({ code: null });
    });
  });

  test('a plain answer to an encrypted call is read as it is', async () => {
    await withProvider([answerCode('400 Bad Request', '007_017')], whole, async (caller) => {
      expect((await register(caller)).reply).toMatchObject({ httpStatus: 400, code: '007_017' });
    });
  });
});

describe('what is no JWE we accept', () => {
  const [head = '', ...rest] = sealByHand(success, client.publicKey).split('.');
  const weak = sealByHand(success, client.publicKey, { alg: 'RSA-OAEP', enc: 'A128GCM' });
  const unsafe = sealByHand(success, client.publicKey, { alg: 'RSA-OAEP-256', enc: 'A128CBC-HS256' });
  const direct = [Buffer.from('{"alg":"dir","enc":"A128GCM"}').toString('base64url'), ...rest].join('.');

  test.each([
    ['nothing', ''],
    ['words', 'not a jwe at all'],
    ['a part too few', [head, ...rest.slice(1)].join('.')],
    ['a changed tag', [head, ...rest.slice(0, 3), 'AAAAAAAAAAAAAAAAAAAAAA'].join('.')],
    ['a key wrapped by SHA-1', weak],
    ['CBC', unsafe],
    ['no wrapped key', direct],
    ['a header of garbage', ['e30', ...rest].join('.')],
  ])('%s is not opened, and nothing is thrown', async (_what, jwe) => {
    expect(await openBody(jwe, client.privateKey)).toEqual({
      kind: 'unopened',
      why: expect.stringMatching(
        /^its encryption is none we accept \(ERR_J|^it is encrypted for another key/,
      ) as string,
    });
  });

  test('any text is not opened, and nothing is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect((await openBody(text, client.privateKey)).kind).toBe('unopened');
      }),
    );
  });
});
