import { describe, expect, test } from 'vitest';
import type { Environment, Variables } from '../../src/config/environment.ts';
import { resolveProvider } from '../../src/config/provider/provider-configuration.ts';
import { parseBaseUrl, resolveProviderSettings } from '../../src/config/provider/provider-settings.ts';
import { credentials, planted } from './workplace.ts';

function setup(env: Variables = {}): Environment {
  return { layers: [env], cwd: '/' };
}

const konaplate = {
  kind: 'konaplate',
  name: null,
  baseUrl: 'https://pay.example/open-api',
  timeZone: 'KST',
  encryption: 'off',
  contentEncryption: 'A128GCM',
  correlationEcho: 'check',
} as const;

describe('which provider', () => {
  test('none is refused, never guessed', () => {
    expect(resolveProviderSettings(undefined, setup())).toEqual({
      kind: 'refused',
      problems: [expect.stringMatching(/^no provider: /)],
    });
  });

  test('sandbox by word in the job file or in KONA_BASE_URL', () => {
    expect(resolveProviderSettings('sandbox', setup())).toEqual({
      kind: 'valid',
      value: { kind: 'sandbox' },
    });
    const env = setup({ KONA_BASE_URL: 'sandbox' });
    expect(resolveProviderSettings(undefined, env)).toEqual({ kind: 'valid', value: { kind: 'sandbox' } });
  });

  test('sandbox in the job file wins over KONA_BASE_URL', () => {
    const env = setup({ KONA_BASE_URL: 'https://pay.example' });
    expect(resolveProviderSettings('sandbox', env)).toEqual({ kind: 'valid', value: { kind: 'sandbox' } });
  });

  test('encryption is required unless it is switched off in so many words', () => {
    const env = setup({ KONA_BASE_URL: 'https://pay.example/open-api' });
    const contentEncryption = 'A128GCM';
    const required = { kind: 'valid', value: { ...konaplate, encryption: 'required' } };
    expect(resolveProviderSettings(undefined, env)).toEqual(required);
    expect(
      resolveProviderSettings({ encryption: 'required', contentEncryption, correlationEcho: 'check' }, env),
    ).toEqual(required);
    expect(
      resolveProviderSettings({ encryption: 'off', contentEncryption, correlationEcho: 'check' }, env),
    ).toEqual({
      kind: 'valid',
      value: konaplate,
    });
  });

  test('a time zone of the environment is checked', () => {
    const env = setup({ KONA_BASE_URL: 'https://pay.example', KONA_TIME_ZONE: 'JST' });
    const plain = { encryption: 'off', contentEncryption: 'A128GCM', correlationEcho: 'check' } as const;
    expect(resolveProviderSettings(plain, env)).toEqual({
      kind: 'refused',
      problems: ['KONA_TIME_ZONE: expected KST or UTC'],
    });
    expect(resolveProviderSettings({ ...plain, timeZone: 'UTC' }, env).kind).toBe('valid');
  });
});

describe('base URL', () => {
  test.each([
    ['https://Pay.Example/open-api//', 'https://pay.example/open-api'],
    ['https://pay.example', 'https://pay.example'],
    ['https://pay.example:8443/x', 'https://pay.example:8443/x'],
    ['http://127.0.0.1:80/', 'http://127.0.0.1'],
    ['http://127.9.9.9:8080', 'http://127.9.9.9:8080'],
    ['http://localhost:1234/a', 'http://localhost:1234/a'],
    ['http://[::1]:1234', 'http://[::1]:1234'],
  ])('%s is read as %s', (address, baseUrl) => {
    expect(parseBaseUrl('x', address)).toEqual({ kind: 'valid', value: baseUrl });
  });

  test.each([
    'pay.example',
    '/open-api',
    'ftp://pay.example',
    'file:///etc',
    'http://pay.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://10.0.0.1',
    'https://user:planted@pay.example',
    'https://user@pay.example',
    'https://pay.example/?key=planted',
    'https://pay.example/#planted',
    'https://pay.example/?',
  ])('%s is refused and not repeated', (address) => {
    const result = parseBaseUrl('provider.baseUrl', address);
    expect(result).toEqual({ kind: 'refused', problems: [expect.stringMatching(/^provider\.baseUrl: /)] });
    expect(JSON.stringify(result)).not.toContain('planted');
  });
});

describe('credentials', () => {
  test('every missing one is named at once', async () => {
    expect(await resolveProvider(konaplate, null, setup({ KONA_ACCESS_KEY: planted.accessKey }))).toEqual({
      kind: 'refused',
      problems: ['not set: KONA_ASP_ID, KONA_SECRET_KEY (or the same with _FILE)'],
    });
  });

  test('the sandbox needs none', async () => {
    expect(await resolveProvider({ kind: 'sandbox' }, null, setup())).toEqual({
      kind: 'valid',
      value: { kind: 'sandbox' },
    });
  });

  test('lengths are checked, values not repeated', async () => {
    const env = setup({ ...credentials, KONA_ASP_ID: 'too-short', KONA_ACCESS_KEY: `${'x'.repeat(39)}\n` });
    expect(await resolveProvider(konaplate, null, env)).toEqual({
      kind: 'refused',
      problems: [
        'KONA_ASP_ID: expected 15 visible ASCII characters, found 9',
        'KONA_ACCESS_KEY: expected 40 visible ASCII characters, found a blank, a line break or others among them',
      ],
    });
  });

  test('reach the client whole', async () => {
    const result = await resolveProvider(konaplate, null, setup(credentials));
    const provider = result.kind === 'valid' && result.value.kind === 'konaplate' ? result.value : null;
    expect(provider?.credentials.aspId).toBe(planted.aspId);
    expect(provider?.credentials.accessKey.reveal()).toBe(planted.accessKey);
    expect(provider?.credentials.secretKey.reveal()).toBe(planted.secretKey);
  });
});

describe('encryption', () => {
  const required = {
    ...konaplate,
    encryption: 'required',
    contentEncryption: 'A256GCM',
    correlationEcho: 'check',
  } as const;
  const keys = { KONA_CRYPTO_KEY_ID: 'c'.repeat(32), KONA_SERVER_PUBLIC_KEY: 'a public key' };

  test('without its keys it is refused, each one named', async () => {
    expect(await resolveProvider(required, null, setup(credentials))).toEqual({
      kind: 'refused',
      problems: [
        expect.stringMatching(
          /^provider\.encryption is required, and not set: KONA_CRYPTO_KEY_ID, KONA_SERVER_/,
        ),
      ],
    });
    const env = setup({ ...credentials, KONA_CRYPTO_KEY_ID: keys.KONA_CRYPTO_KEY_ID });
    expect(await resolveProvider(required, null, env)).toEqual({
      kind: 'refused',
      problems: [expect.stringMatching(/not set: KONA_SERVER_PUBLIC_KEY \(/)],
    });
  });

  test('a key id of another length is refused beside all else that is wrong', async () => {
    const env = setup({ ...keys, KONA_CRYPTO_KEY_ID: 'short', KONA_CLIENT_PRIVATE_KEY_FILE: 'nowhere' });
    expect(await resolveProvider(required, null, env)).toEqual({
      kind: 'refused',
      problems: [
        'not set: KONA_ASP_ID, KONA_ACCESS_KEY, KONA_SECRET_KEY (or the same with _FILE)',
        'KONA_CRYPTO_KEY_ID: expected 32 visible ASCII characters, found 5',
        'KONA_CLIENT_PRIVATE_KEY_FILE: no such file',
      ],
    });
  });

  test('its keys reach the client as they were given, our own one as a secret', async () => {
    const env = setup({ ...credentials, ...keys, KONA_CLIENT_PRIVATE_KEY: 'planted-private-key' });
    const result = await resolveProvider(required, null, env);
    const provider = result.kind === 'valid' && result.value.kind === 'konaplate' ? result.value : null;
    expect(provider?.encryption).toMatchObject({
      cryptoKeyId: keys.KONA_CRYPTO_KEY_ID,
      serverPublicKey: keys.KONA_SERVER_PUBLIC_KEY,
      contentEncryption: 'A256GCM',
    });
    expect(provider?.answerKey?.reveal()).toBe('planted-private-key');
    expect(JSON.stringify(result)).not.toContain('planted-private-key');
  });

  test('our own key may be missing, and switched off none is looked at', async () => {
    const without = await resolveProvider(required, null, setup({ ...credentials, ...keys }));
    expect(without).toMatchObject({ kind: 'valid', value: { answerKey: null } });
    const off = await resolveProvider(
      konaplate,
      null,
      setup({ ...credentials, KONA_CRYPTO_KEY_ID: 'short' }),
    );
    expect(off).toMatchObject({ kind: 'valid', value: { encryption: null, answerKey: null } });
  });

  test('our own key is there in a plain set-up too, and one that is not is no reason to refuse', async () => {
    const set = await resolveProvider(
      konaplate,
      null,
      setup({ ...credentials, KONA_CLIENT_PRIVATE_KEY: 'k' }),
    );
    const provider = set.kind === 'valid' && set.value.kind === 'konaplate' ? set.value : null;
    expect(provider?.answerKey?.reveal()).toBe('k');
    const lost = setup({ ...credentials, KONA_CLIENT_PRIVATE_KEY_FILE: 'nowhere' });
    expect(await resolveProvider(konaplate, null, lost)).toMatchObject({
      kind: 'valid',
      value: { answerKey: null },
    });
  });

  test.each([
    ['required', null, true, true],
    ['required', 'off', true, false],
    ['off', null, false, false],
    ['off', 'required', false, true],
  ] as const)('provider %s, plans inquiry %s', async (encryption, ofInquiries, isEncrypted, areInquiries) => {
    const env = setup({ ...credentials, ...keys });
    const result = await resolveProvider({ ...konaplate, encryption }, ofInquiries, env);
    const provider = result.kind === 'valid' && result.value.kind === 'konaplate' ? result.value : null;
    expect(provider?.encryption === null).toBe(!isEncrypted);
    expect(provider?.inquiryEncryption === null).toBe(!areInquiries);
  });
});

test('a provider is named by its name, else by address and ASP id', async () => {
  const nameOf = async (name: string | null) => {
    const result = await resolveProvider({ ...konaplate, name }, null, setup(credentials));
    return result.kind === 'valid' && result.value.kind === 'konaplate' ? result.value.name : null;
  };
  expect(await nameOf(null)).toBe(`pay.example/open-api ${planted.aspId}`);
  expect(await nameOf('ours')).toBe('ours');
});
