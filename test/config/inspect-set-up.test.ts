import { expect, test } from 'vitest';
import { inspectSetUp } from '../../src/config/setup/inspect-set-up.ts';
import type { Finding } from '../../src/domain/setup/finding.ts';
import { createWorkplace, credentials } from './workplace.ts';

async function inspect(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) {
  const { cwd, write } = await createWorkplace();
  for (const [name, content] of Object.entries(files)) await write(name, content);
  return await inspectSetUp({ flags: {}, env, cwd, jobFile: 'job' in files ? null : 'job.yaml' });
}

function told(findings: readonly Finding[], level: Finding['level']): readonly string[] {
  return findings.filter((one) => one.level === level).map(({ about, what }) => `${about}: ${what}`);
}

const job =
  'job: nightly\nlist: { csv: a.csv }\nprovider: { baseUrl: "https://kona.example/api", encryption: off }\n';

test('a set-up that is well has its job, lists, provider and ledger', async () => {
  const { findings, provider, lists, database } = await inspect(
    { 'job.yaml': `${job}windows: { stopAt: "05:30" }\n`, 'a.csv': '' },
    credentials,
  );
  expect(told(findings, 'ok')).toEqual(['job file: job.yaml: job nightly, 20/s, until 05:30']);
  expect(findings).toHaveLength(1);
  expect(provider?.kind).toBe('konaplate');
  expect(lists?.lists).toHaveLength(1);
  expect(database?.kind).toBe('embedded');
});

test('what is wrong with one part hides no other', async () => {
  const { findings, settings, secrets } = await inspect(
    { 'job.yaml': job.replace('a.csv', '"*.csv"'), '.env': 'no value here\n' },
    { ...credentials, KONA_ACCESS_KEY: 'short-access-key', DATABASE_URL: 'mysql://x', HTTPS_PROXY: 'x' },
  );
  expect(told(findings, 'fail')).toEqual([
    '.env: .env:1: expected NAME=value',
    'list: list.csv: no file matches *.csv',
    'keys: KONA_ACCESS_KEY: expected 40 visible ASCII characters, found 16',
    expect.stringMatching(/^connection: HTTPS_PROXY: expected the http/),
    'ledger: DATABASE_URL: expected a postgres:// URL, or embedded:FOLDER',
  ]);
  expect(findings.every(({ cure, level }) => level === 'ok' || cure !== null)).toBe(true);
  expect(settings?.job).toBe('nightly');
  expect(secrets.map((secret) => secret.reveal())).toContain('short-access-key');
});

test.each([
  ['limit: { rate: 20/s }', 'job file: job.yaml:4:1: limit: unknown key; did you mean limits?'],
  [
    'windows: { timeZone: Asia/Soul }',
    'job file: job.yaml:4:22: windows.timeZone: expected a time zone name such as Asia/Seoul',
  ],
])(
  'a job file with %s is told as a run would, and the environment’s provider is looked at',
  async (line, words) => {
    const files = { 'job.yaml': `${job}${line}\n` };
    const without = await inspect(files, credentials);
    expect(told(without.findings, 'fail')).toEqual([words]);
    expect(told(without.findings, 'warn')).toEqual([
      'provider: not looked at, because the job file can’t be read',
    ]);
    const named = await inspect(files, { ...credentials, KONA_BASE_URL: 'https://kona.example' });
    expect(told(named.findings, 'fail')).toEqual([
      words,
      expect.stringMatching(/^keys: .*KONA_CRYPTO_KEY_ID/),
    ]);
  },
);

test('only the keys that the job needs are missed', async () => {
  const encrypted = await inspect({ 'job.yaml': job.replace('off', 'required'), 'a.csv': '' }, credentials);
  expect(told(encrypted.findings, 'fail')).toEqual([
    expect.stringMatching(/not set: KONA_CRYPTO_KEY_ID, KONA_SERVER_PUBLIC_KEY/),
  ]);
  const sandbox = await inspect({ 'job.yaml': 'job: x\nlist: { csv: a.csv }\nprovider: sandbox\n' }, {});
  expect(told(sandbox.findings, 'fail')).toEqual([]);
});

test('without a job file the environment is looked at, and no provider is no fault', async () => {
  const { findings, lists } = await inspect({ job: '' }, {});
  expect(told(findings, 'warn')).toEqual([expect.stringMatching(/^provider: no provider: /)]);
  expect(told(findings, 'fail')).toEqual([]);
  expect(lists).toBeNull();
});
