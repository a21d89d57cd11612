import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import type { SandboxOptions } from '../../src/sandbox/wire/server.ts';
import {
  askCode,
  otherPar,
  plainBody,
  plansCall,
  registerCall,
  sendCall,
  signedCall,
  somePar,
  withHeader,
  type RawCall,
} from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';
import { openReply, sealedCall, someKeys } from './sealed-client.ts';

const otherKeyId = '0'.repeat(32);

async function setup(options: SandboxOptions = {}) {
  const sandbox = await openSandbox({ encryptionKeys: someKeys, ...options });
  return { sandbox, keys: await sandbox.encryptionKeys() };
}

/** Status and text of an answer. */
async function ask(baseUrl: string, call: RawCall): Promise<string> {
  const reply = await sendCall(baseUrl, call);
  return reply.kind === 'whole' ? `${reply.status} ${reply.text}` : reply.error;
}

const refusal = (message: string): string => `400 {"response":{"code":"000_002","description":"${message}"}}`;

describe('a refused set-up', () => {
  test.each([
    ['no field', '{ refused: true }', 'Invalid input parameter.'],
    ['its field', '{ refused: true, field: X-KM-Access-Key }', 'Invalid input parameter. X-KM-Access-Key'],
  ])(
    'every call of both kinds is refused with %s named, until it is mended',
    async (_how, setUp, message) => {
      const { sandbox, keys } = await setup({ fixtures: parseFixtures(`setUp: ${setUp}`) });
      expect(await ask(sandbox.baseUrl, registerCall('1', somePar))).toBe(refusal(message));
      expect(await ask(sandbox.baseUrl, registerCall('0', somePar))).toBe(refusal(message));
      expect(await ask(sandbox.baseUrl, plansCall('1'))).toBe(refusal(message));
      expect(await ask(sandbox.baseUrl, await sealedCall(plainBody('1', somePar), keys))).toBe(
        refusal(message),
      );
      expect(sandbox.truth()).toEqual([]);
      expect(sandbox.calls().map(({ reason, processed }) => [reason, processed])).toEqual(
        Array.from({ length: 4 }, () => ['set_up', false]),
      );
      sandbox.replaceFixtures(parseFixtures('setUp: { refused: false }'));
      expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_000');
    },
  );

  test('bad credentials are still told first', async () => {
    const { sandbox } = await setup({ fixtures: parseFixtures('setUp: { refused: true }') });
    const call = withHeader(registerCall('1', somePar), 'X-KM-Access-Key', 'x'.repeat(40));
    expect(await ask(sandbox.baseUrl, call)).toMatch(/^401 /);
  });
});

test.each([
  ['a wrong key id', 'X-KM-Crypto-Key-Id', otherKeyId, 'X-KM-Crypto-Key-Id'],
  ['an ASP id of another length', 'X-KM-User-AspId', 'SHORT', 'X-KM-User-AspId'],
  ['no time zone', 'X-KM-Time-Zone', null, 'X-KM-Time-Zone'],
  ['a correlation id of another form', 'X-KM-Correlation-Id', 'abc', 'X-KM-Correlation-Id'],
])('%s is 000_002, and named only where the platform names fields', async (_what, header, value, field) => {
  for (const namesFields of [false, true]) {
    const { sandbox, keys } = await setup({ namesFields });
    const call = withHeader(await sealedCall(plainBody('1', somePar), keys), header, value);
    const named = namesFields ? ` ${field}` : '';
    expect(await ask(sandbox.baseUrl, call)).toBe(refusal(`Invalid input parameter.${named}`));
  }
});

test.each([
  ['{"userId":0,"par":"X"}', 'userId, par'],
  [`{"userId":1,"par":"${somePar}x"}`, 'par'],
  [`{"userId":"1","par":"${somePar}"}`, 'userId'],
  [`{"userId":1,"par":"${somePar}","more":1}`, 'more'],
  [`{"userId":1,"par":"${somePar}","userId":2}`, 'userId'],
])('the fields of %s that are wrong are named', async (body, fields) => {
  const { sandbox } = await setup({ namesFields: true });
  expect(await ask(sandbox.baseUrl, signedCall(body))).toBe(refusal(`Invalid input parameter. ${fields}`));
});

describe('a field twice is refused, since two readers may take it for two calls', () => {
  test.each([
    ['the same value', `{"userId":1,"userId":1,"par":"${somePar}"}`],
    ['another value', `{"userId":1,"par":"${somePar}","userId":2}`],
    ['written with an escape', `{"userId":1,"par":"${somePar}","user\\u0049d":2}`],
    ['the PAR', `{"userId":1,"par":"${somePar}","par":"${otherPar}"}`],
  ])('%s', async (_what, body) => {
    for (const lenient of [false, true]) {
      const { sandbox, keys } = await setup({ lenient });
      expect(await ask(sandbox.baseUrl, signedCall(body))).toMatch(/^400 .*000_002/);
      const sealed = await sendCall(sandbox.baseUrl, await sealedCall(body, keys));
      expect(await openReply(sealed, keys)).toContain('000_002');
      expect(sandbox.truth()).toEqual([]);
    }
  });

  test('the envelope', async () => {
    const { sandbox, keys } = await setup();
    const { body } = await sealedCall(plainBody('1', somePar), keys);
    const twice = body.replace(/}$/, `,${body.slice(1)}`);
    const call = withHeader(signedCall(twice), 'X-KM-Crypto-Key-Id', keys.cryptoKeyId);
    expect(await sendCall(sandbox.baseUrl, call)).toMatchObject({ status: 400, reason: 'enc_data' });
  });

  test('the same name in a value of its own is no repetition', async () => {
    const { sandbox } = await setup({ lenient: true });
    const body = `{"userId":1,"par":"${somePar}","more":{"userId":2,"par":["userId"]},"text":"\\"userId\\":3"}`;
    expect(await ask(sandbox.baseUrl, signedCall(body))).toMatch(/^200 /);
  });
});

test('a member nobody knows gets 001_006 from both calls', async () => {
  const { sandbox } = await setup({ fixtures: parseFixtures(`members: [{ user: '1', status: unknown }]`) });
  const unknown = '400 {"response":{"code":"001_006","description":"Wallet user not found."}}';
  expect(await ask(sandbox.baseUrl, registerCall('1', somePar))).toBe(unknown);
  expect(await ask(sandbox.baseUrl, plansCall('1'))).toBe(unknown);
  expect(await ask(sandbox.baseUrl, registerCall('2', somePar))).toMatch(/^200 /);
});

test('a card that a firewall dislikes: the same page every time, never processed, the others untouched', async () => {
  const { sandbox } = await setup({
    fixtures: parseFixtures(`cards: [{ par: ${somePar}, answer: '403', faults: ['429'] }]`),
  });
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_429');
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('403');
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('403');
  expect(await askCode(sandbox.baseUrl, '1', otherPar)).toBe('000_000');
  expect(sandbox.calls().map(({ answer, processed }) => [answer, processed])).toEqual([
    ['429', false],
    ['403 before', false],
    ['403 before', false],
    ['000_000', true],
  ]);
});

test('a card’s own words beside its code', async () => {
  const { sandbox } = await setup({
    fixtures: parseFixtures(
      `cards: [{ par: ${somePar}, input: invalid, message: 'Invalid input parameter. userId, par' }]`,
    ),
  });
  expect(await ask(sandbox.baseUrl, registerCall('1', somePar))).toBe(
    refusal('Invalid input parameter. userId, par'),
  );
});

describe('encryption as a property of each call', () => {
  test('plans plain only, registrations encrypted only', async () => {
    const { sandbox, keys } = await setup({ plainPlans: true, requireEncryption: true });
    const sealed = await sealedCall(plainBody('1', somePar), keys);
    expect(await sendCall(sandbox.baseUrl, sealed)).toMatchObject({ status: 200 });
    const sealedPlans: RawCall = { ...(await sealedCall('{"userId":1}', keys)), kind: 'plans' };
    expect(await sendCall(sandbox.baseUrl, sealedPlans)).toMatchObject({
      status: 400,
      reason: 'plain_required',
    });
    expect(await ask(sandbox.baseUrl, plansCall('1'))).toContain(somePar);
    expect(await sendCall(sandbox.baseUrl, registerCall('1', otherPar))).toMatchObject({
      reason: 'encryption_required',
    });
  });

  test('every answer encrypted, also that of a plain call and of a refused one', async () => {
    const { sandbox, keys } = await setup({ encryptAnswers: true });
    const plain = await sendCall(sandbox.baseUrl, registerCall('1', somePar));
    expect(await openReply(plain, keys)).toContain('000_000');
    const refused = await sendCall(sandbox.baseUrl, registerCall('0', somePar));
    expect(await openReply(refused, keys)).toContain('000_002');
  });
});
