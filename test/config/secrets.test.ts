import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfiguration, loadLedgerConfiguration } from '../../src/config/configuration.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { redactor } from '../../src/config/redaction.ts';
import { Secret } from '../../src/config/secret.ts';
import { createWorkplace, credentials, planted } from './workplace.ts';

const proxyPassword = 'planted%23proxy';
const secretValues = [
  planted.accessKey,
  planted.secretKey,
  planted.password,
  'planted!password',
  proxyPassword,
  'planted#proxy',
];

/** Everything a program could print a value as. */
function printed(value: unknown): string {
  const shown = [
    JSON.stringify(value),
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    String(value),
  ];
  if (value instanceof Error) shown.push(value.message, value.stack ?? '');
  return shown.join('\n');
}

function foundIn(text: string): readonly string[] {
  return secretValues.filter((value) => text.includes(value));
}

async function setup(provider: string) {
  const { cwd, write } = await createWorkplace();
  await write('job.yaml', `job: j\nlist: { csv: a.csv }\nprovider: ${provider}\n`);
  const env = {
    ...credentials,
    DATABASE_URL: `postgres://kona:${planted.password}@db.example:5432/ledger`,
    KONA_CLIENT_PRIVATE_KEY: `-----BEGIN\n${planted.secretKey}\n-----END`,
    HTTPS_PROXY: `http://cron:${proxyPassword}@proxy.example:3128`,
    ALL_PROXY: 'http://cron:planted%23proxy@other.example',
  };
  return { cwd, env };
}

const provider = '{ baseUrl: https://pay.example, encryption: off }';

test('the search finds a secret that is there', () => {
  expect(foundIn(printed({ a: [planted.secretKey] }))).toEqual([planted.secretKey]);
  expect(foundIn(printed(new Error(`x ${planted.password}`)))).toEqual([planted.password]);
});

test('no configuration shows one', async () => {
  const { cwd, env } = await setup(provider);
  const configuration = await loadConfiguration({ target: 'job.yaml', flags: {}, env, cwd });
  expect(configuration.secrets.length).toBeGreaterThanOrEqual(5);
  expect(foundIn(printed(configuration))).toEqual([]);
  expect(foundIn(printed(configuration.settings))).toEqual([]);
  expect(printed(configuration)).toContain('[secret]');
  expect(foundIn(printed(await loadLedgerConfiguration({ flags: {}, env, cwd })))).toEqual([]);
});

describe('no refusal shows one', () => {
  test.each([
    ['ASP id too short', provider, { KONA_ASP_ID: planted.secretKey }, {}],
    ['access key too long', provider, { KONA_ACCESS_KEY: `${planted.accessKey}x` }, {}],
    ['ledger by another scheme', provider, { DATABASE_URL: `mysql://u:${planted.password}@h/d` }, {}],
    ['ledger by flag', provider, {}, { databaseUrl: `mysql://u:${planted.password}@h/d` }],
    ['secret in the base URL', `{ baseUrl: "https://u:${planted.password}@h/", encryption: off }`, {}, {}],
    ['secret under an unknown key', `{ baseUrl: https://h, secretKey: ${planted.secretKey} }`, {}, {}],
    ['secret as a setting', `{ timeZone: ${planted.secretKey} }`, {}, {}],
    ['NAME and NAME_FILE', provider, { KONA_SECRET_KEY_FILE: 'x' }, {}],
    ['secret as a flag', provider, {}, { logLevel: planted.secretKey, rate: planted.accessKey }],
    ['proxy by another scheme', provider, { HTTPS_PROXY: `socks5://u:${proxyPassword}@h` }, {}],
    ['no PEM as key', provider, { KONA_TLS_KEY: planted.secretKey, KONA_TLS_CERTIFICATE: 'x' }, {}],
    ['key without certificate', provider, { KONA_TLS_KEY: planted.secretKey }, {}],
    ['proxy in the job file', '{ name: $HTTPS_PROXY, baseUrl: https://h, encryption: off }', {}, {}],
  ])('%s', async (_, providerText, changed, flags) => {
    const { cwd, env } = await setup(providerText);
    const refusal: unknown = await loadConfiguration({
      target: 'job.yaml',
      flags,
      env: { ...env, ...changed },
      cwd,
    }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigurationError);
    expect(foundIn(printed(refusal))).toEqual([]);
  });
});

test('a redactor takes every secret out of a text, however it is spelt there', async () => {
  const { cwd, env } = await setup(provider);
  const { secrets } = await loadConfiguration({ target: 'job.yaml', flags: {}, env, cwd });
  const redact = redactor(secrets);
  const text = [
    ...Object.values(env),
    JSON.stringify(env),
    encodeURIComponent(env.KONA_CLIENT_PRIVATE_KEY),
    ...secretValues,
  ].join(' ');
  expect(foundIn(text)).toEqual(secretValues);
  expect(foundIn(redact(text))).toEqual([]);
  expect(redact(text)).not.toContain('-----BEGIN');
  expect(redact('nothing to hide at 127.0.0.1')).toBe('nothing to hide at 127.0.0.1');
});

test('a redactor leaves an embedded folder and values too short to be hidden', async () => {
  const { cwd } = await setup('sandbox');
  const env = { DATABASE_URL: 'embedded:ledger', KONA_ACCESS_KEY: 'abc' };
  const { secrets } = await loadConfiguration({ target: 'job.yaml', flags: {}, env, cwd });
  expect(redactor(secrets)('embedded:ledger abc')).toBe('embedded:ledger abc');
});

test('a secret is only told when asked', () => {
  const secret = new Secret('planted');
  expect(secret.reveal()).toBe('planted');
  expect([String(secret), JSON.stringify({ secret }), inspect({ secret })].join()).toBe(
    '[secret],{"secret":"[secret]"},{ secret: [secret] }',
  );
  expect(Object.keys(secret)).toEqual([]);
});
