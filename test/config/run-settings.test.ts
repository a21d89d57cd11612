import path from 'node:path';
import { expect, test } from 'vitest';
import { configurationFromSettings, loadConfiguration } from '../../src/config/configuration.ts';
import { createWorkplace, credentials, problemsOfRefusal } from './workplace.ts';

const jobFile = `
job: nightly
list: { csv: a.csv, encoding: utf-8, columns: { userId: id, par: auto } }
provider: { baseUrl: https://pay.example/x, encryption: off, timeZone: UTC }
limits: { rate: 7/s, concurrency: 3, timeout: 2s }
retry: { attempts: 2, backoff: 1s..2s, nights: 5 }
windows: { timeZone: UTC }
outcomes: { 999_999: conflict }
report: { directory: out }
`;

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

async function setup(content = jobFile) {
  const { cwd, write } = await createWorkplace();
  await write('job.yaml', content);
  const configuration = await loadConfiguration({ target: 'job.yaml', flags: {}, env: credentials, cwd });
  /** As the ledger gives it back. */
  const stored = asJson(configuration.settings);
  return { cwd, configuration, stored };
}

test('settings kept with a run give the same configuration again, without lists', async () => {
  const { cwd, configuration, stored } = await setup();
  const again = await configurationFromSettings(stored, { flags: {}, env: credentials, cwd });
  expect(asJson(again)).toEqual(asJson({ ...configuration, lists: [] }));
  expect(again.settings).toEqual(configuration.settings);
});

test('the sandbox too, and it needs no credentials', async () => {
  const { cwd, stored } = await setup('job: j\nlist: { csv: a.csv }\nprovider: sandbox\n');
  const again = await configurationFromSettings(stored, { flags: {}, env: {}, cwd });
  expect(again).toMatchObject({
    job: 'j',
    lists: [],
    provider: { kind: 'sandbox' },
    providerName: 'sandbox',
  });
});

test('flags of today stand over them', async () => {
  const { cwd, stored } = await setup();
  const flags = { rate: '1/s', concurrency: '1', reports: 'elsewhere', limit: '5' };
  expect(await configurationFromSettings(stored, { flags, env: credentials, cwd })).toMatchObject({
    limits: { rates: [{ count: 1 }], concurrency: 1, timeoutMs: 2000 },
    reportsDirectory: path.join(cwd, 'elsewhere'),
    flags: { limit: 5 },
  });
});

test('credentials of another provider are refused: its records are not these', async () => {
  const { cwd, stored } = await setup();
  const env = { ...credentials, KONA_ASP_ID: 'ANOTHER-ASP-ID-' };
  expect(await problemsOfRefusal(configurationFromSettings(stored, { flags: {}, env, cwd }))).toEqual([
    expect.stringMatching(/^this run belongs to the provider "pay\.example\/x ASP-0123456789A"/),
  ]);
  expect(await problemsOfRefusal(configurationFromSettings(stored, { flags: {}, env: {}, cwd }))).toEqual([
    expect.stringMatching(/^not set: KONA_ASP_ID/),
  ]);
});

test.each([
  [
    '007_012',
    'already_active',
    /^the settings kept with this run have outcomes: 007_012 is a failure .+--job-file$/,
  ],
  ['007_017', 'conflict', /^the settings kept with this run have outcomes: the meaning of 007_017 is fixed/],
])('outcomes an older version allowed are not acted on: %s to %s', async (code, given, words) => {
  const { cwd, stored } = await setup();
  const old = { ...(stored as object), outcomes: { [code]: given } };
  expect(
    await problemsOfRefusal(configurationFromSettings(old, { flags: {}, env: credentials, cwd })),
  ).toEqual([expect.stringMatching(words)]);
});

test('settings of another version or damaged ones are refused by place', async () => {
  const { cwd, stored } = await setup();
  const damaged = {
    ...(stored as object),
    version: 2,
    limits: { rate: '7/s', concurrency: 3, timeoutMs: 1 },
  };
  expect(
    await problemsOfRefusal(configurationFromSettings(damaged, { flags: {}, env: credentials, cwd })),
  ).toEqual(["the settings kept with this run can't be read by this version: version, limits.rates.0"]);
  expect(await problemsOfRefusal(configurationFromSettings(null, { flags: {}, env: {}, cwd }))).toHaveLength(
    1,
  );
});
