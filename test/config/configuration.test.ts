import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfiguration, loadLedgerConfiguration } from '../../src/config/configuration.ts';
import type { Flags } from '../../src/config/flags/flag-table.ts';
import { createWorkplace, credentials, planted, problemsOfRefusal } from './workplace.ts';

const smallest = 'job: nightly\nlist: { csv: a.csv }\nprovider: sandbox\n';
const atProvider =
  'job: nightly\nlist: { csv: a.csv }\nprovider: { baseUrl: https://pay.example/open-api/, encryption: off }\n';

async function setup(jobFile: string) {
  const { cwd, write } = await createWorkplace();
  await write('job.yaml', jobFile);
  const load = (flags: Flags = {}, env: Record<string, string> = {}) =>
    loadConfiguration({ target: 'job.yaml', flags, env, cwd });
  return { cwd, write, load };
}

describe('defaults', () => {
  test('are those of the design', async () => {
    const { cwd, load } = await setup(smallest);
    expect(await load()).toMatchObject({
      job: 'nightly',
      lists: [{ kind: 'file', path: path.join(cwd, 'a.csv'), sheet: null }],
      listOptions: { encoding: 'auto', header: 'auto', columns: { userId: null, par: null } },
      provider: { kind: 'sandbox' },
      providerName: 'sandbox',
      limits: {
        rates: [{ count: 20, windowMs: 1000, unit: 's' }],
        burst: 1,
        concurrency: 16,
        timeoutMs: 10_000,
        adaptive: true,
        maxCalls: null,
      },
      retry: { attempts: 5, backoffMinMs: 1000, backoffMaxMs: 60_000, nights: 14 },
      timeZone: 'Asia/Seoul',
      outcomes: {},
      guards: { listSizePercent: 50 },
      database: { kind: 'embedded', folder: path.join(cwd, '.kona-enroll/ledger') },
      reportsDirectory: path.join(cwd, 'runs'),
      flags: {
        again: false,
        allowFailures: false,
        limit: null,
        maxCalls: null,
        wait: false,
        json: false,
        logLevel: 'info',
      },
    });
  });

  test('a value written in the file replaces each of them', async () => {
    const { cwd, load } = await setup(`
job: own
list: { csv: a.csv, encoding: utf-8, columns: { userId: 회원번호, par: 카드 } }
provider: { name: my provider, baseUrl: "http://127.0.0.1:8080", encryption: off, timeZone: UTC }
limits: { rate: 600/min, concurrency: 3, timeout: 500ms, adaptive: false }
retry: { attempts: 2, backoff: 10ms..2s, nights: 3 }
verify: { enabled: false }
windows: { timeZone: UTC }
guards: { canary: 0, maxFailures: 100%, listSize: off }
outcomes: { 999_999: bad_data, "123_456": transient }
report: { directory: out/reports, language: en }
`);
    const configuration = await load({}, credentials);
    expect(configuration).toMatchObject({
      listOptions: { encoding: 'utf-8', columns: { userId: '회원번호', par: '카드' } },
      provider: { kind: 'konaplate', name: 'my provider', baseUrl: 'http://127.0.0.1:8080', timeZone: 'UTC' },
      providerName: 'my provider',
      limits: { rates: [{ count: 600, windowMs: 60_000, unit: 'min' }], concurrency: 3, timeoutMs: 500 },
      retry: { attempts: 2, backoffMinMs: 10, backoffMaxMs: 2000, nights: 3 },
      timeZone: 'UTC',
      outcomes: { '999_999': 'bad_data', '123_456': 'transient' },
      guards: { listSizePercent: null },
      reportsDirectory: path.join(cwd, 'out/reports'),
    });
  });
});

describe('precedence', () => {
  const file = `${smallest}limits: { rate: 5/s, concurrency: 4 }\nreport: { directory: fromfile }\n`;

  test('a flag over the file, the file over the default', async () => {
    const { cwd, load } = await setup(file);
    expect(await load()).toMatchObject({ limits: { rates: [{ count: 5 }], concurrency: 4 } });
    const flagged = await load({ rate: '7/s', concurrency: '9', reports: 'fromflag' });
    expect(flagged).toMatchObject({
      limits: { rates: [{ count: 7 }], concurrency: 9 },
      reportsDirectory: path.join(cwd, 'fromflag'),
    });
    expect(flagged.settings).toMatchObject({ limits: { rates: [{ count: 7 }], concurrency: 9 } });
  });

  test('the file over the environment, the environment over .env', async () => {
    const { write, load } = await setup(atProvider);
    await write('.env', 'KONA_BASE_URL=https://dotenv.example\nKONA_TIME_ZONE=UTC\n');
    const fromFile = await load({}, { ...credentials, KONA_BASE_URL: 'https://environment.example' });
    expect(fromFile.provider).toMatchObject({ baseUrl: 'https://pay.example/open-api', timeZone: 'UTC' });

    await write('job.yaml', 'job: j\nlist: { csv: a.csv }\nprovider: { encryption: off }\n');
    const fromEnvironment = await load({}, { ...credentials, KONA_BASE_URL: 'https://environment.example' });
    expect(fromEnvironment.provider).toMatchObject({ baseUrl: 'https://environment.example' });
    const fromDotEnv = await load({}, credentials);
    expect(fromDotEnv.provider).toMatchObject({ baseUrl: 'https://dotenv.example' });
  });

  test('--map and --encoding over list', async () => {
    const { load } = await setup(
      'job: j\nlist: { csv: a.csv, columns: { userId: a, par: b } }\nprovider: sandbox\n',
    );
    const { listOptions } = await load({ map: ['id = x=user_id'], encoding: 'cp949' });
    expect(listOptions).toEqual({
      encoding: 'cp949',
      header: 'auto',
      columns: { userId: 'id = x', par: 'b' },
      idsMayEndInZeros: false,
      cardsPerMember: 20,
      mayEndWithoutLineEnd: false,
      saidYes: false,
    });
    expect(await problemsOfRefusal(load({ map: ['b=userId'] }))).toEqual([
      'list.columns: one header for two fields',
    ]);
  });

  test('--database-url over DATABASE_URL', async () => {
    const { cwd, load } = await setup(smallest);
    const env = { DATABASE_URL: 'embedded:other' };
    expect((await load({}, env)).database).toEqual({ kind: 'embedded', folder: path.join(cwd, 'other') });
    expect((await load({ databaseUrl: 'embedded:/abs' }, env)).database).toEqual({
      kind: 'embedded',
      folder: '/abs',
    });
  });
});

describe('a bare list file', () => {
  test('runs as a job of its own name, all else default', async () => {
    const { cwd } = await createWorkplace();
    const env = { KONA_BASE_URL: 'sandbox' };
    const configuration = await loadConfiguration({ target: 'in/My list.csv', flags: {}, env, cwd });
    expect(configuration).toMatchObject({
      job: 'upload-my-list',
      lists: [{ kind: 'file', path: path.join(cwd, 'in/My list.csv'), sheet: null }],
      provider: { kind: 'sandbox' },
      limits: { concurrency: 16 },
    });
  });

  test('whose name looks like a glob is that file', async () => {
    const { cwd } = await createWorkplace();
    const env = { KONA_BASE_URL: 'sandbox' };
    const { lists } = await loadConfiguration({ target: 'a[1]*.csv', flags: {}, env, cwd });
    expect(lists).toEqual([{ kind: 'file', path: path.join(cwd, 'a[1]*.csv'), sheet: null }]);
  });

  test('without a provider in the environment is refused', async () => {
    const { cwd } = await createWorkplace();
    expect(await problemsOfRefusal(loadConfiguration({ target: 'a.csv', flags: {}, env: {}, cwd }))).toEqual([
      expect.stringMatching(/^no provider: /),
    ]);
  });

  test.each(['', ' '])('"%s" is refused', async (target) => {
    const { cwd } = await createWorkplace();
    const env = { KONA_BASE_URL: 'sandbox' };
    expect(await problemsOfRefusal(loadConfiguration({ target, flags: {}, env, cwd }))).toHaveLength(1);
  });
});

describe('other sources', () => {
  const jobOf = (list: string) => `job: j\nlist: ${list}\nprovider: sandbox\n`;

  test.each(['-', '/dev/stdin'])('%s is standard input', async (target) => {
    const { cwd, load } = await setup(jobOf('{ csv: "-" }'));
    const env = { KONA_BASE_URL: 'sandbox' };
    const bare = await loadConfiguration({ target, flags: {}, env, cwd });
    expect(bare).toMatchObject({ job: 'upload-stdin', lists: [{ kind: 'standard_input' }] });
    expect((await load()).lists).toEqual([{ kind: 'standard_input', sheet: null }]);
  });

  test('a workbook, one run a file of a glob', async () => {
    const { cwd, write, load } = await setup(jobOf('{ excel: "*.xlsx", sheet: 회원 }'));
    await write('b.xlsx', '');
    await write('a.xlsx', '');
    expect((await load()).lists).toEqual(
      ['a.xlsx', 'b.xlsx'].map((name) => ({ kind: 'file', path: path.join(cwd, name), sheet: '회원' })),
    );
  });

  test('a query: its URL is a secret and no setting', async () => {
    const { load } = await setup(jobOf('{ postgres: { url: $SOURCE_URL, query: "select 1" } }'));
    const url = `postgres://reader:${planted.password}@db.example/crm`;
    const configuration = await load({}, { SOURCE_URL: url });
    const [list] = configuration.lists;
    expect(list).toMatchObject({
      kind: 'postgres',
      query: 'select 1',
      table: null,
      statementTimeoutMs: 600_000,
    });
    expect(list?.kind === 'postgres' && list.url.reveal()).toBe(url);
    expect(configuration.secrets.map((secret) => secret.reveal())).toEqual(
      expect.arrayContaining([url, planted.password]),
    );
    expect(JSON.stringify(configuration)).not.toContain(planted.password);
    expect(configuration.settings.list.source).toEqual({
      kind: 'postgres',
      query: 'select 1',
      table: null,
      statementTimeoutMs: 600_000,
    });
  });

  test('where the URL of a query comes from: the environment over .env, or the job file itself', async () => {
    const url = 'postgres://db.example/crm';
    const fromOf = async (written: string, dotEnv: string, env: Record<string, string>) => {
      const { write, load } = await setup(jobOf(`{ postgres: { url: ${written}, query: "select 1" } }`));
      await write('.env', dotEnv);
      const [list] = (await load({}, env)).lists;
      return list?.kind === 'postgres' ? list.urlFrom : null;
    };
    const dotEnv = `SOURCE_URL=${url}\n`;
    const named = 'which list.postgres.url in job.yaml names';
    expect(await fromOf('$SOURCE_URL', dotEnv, {})).toBe(`SOURCE_URL in .env, ${named}`);
    expect(await fromOf('$SOURCE_URL', dotEnv, { SOURCE_URL: url, SOURCE_URL_FILE: 'x' })).toBe(
      `SOURCE_URL in the environment, ${named}`,
    );
    expect(await fromOf(`"${url}"`, '', {})).toBe('list.postgres.url in job.yaml');
  });

  test('a list without a header has column numbers, and --map has nothing to name', async () => {
    const { load } = await setup(
      jobOf('{ csv: a.csv, header: false, columns: { userId: 2, par: 1 }, idsMayEndInZeros: true }'),
    );
    expect((await load()).listOptions).toEqual({
      encoding: 'auto',
      header: false,
      columns: { userId: 2, par: 1 },
      idsMayEndInZeros: true,
      cardsPerMember: 20,
      mayEndWithoutLineEnd: false,
      saidYes: false,
    });
    expect(await problemsOfRefusal(load({ map: ['x=par'] }))).toEqual([
      expect.stringMatching(/^--map: the list has no header/),
    ]);
  });
});

test('problems of flags and .env come together', async () => {
  const { write, load } = await setup(smallest);
  await write('.env', 'A=b#c\n');
  expect(await problemsOfRefusal(load({ rate: 'abc' }))).toEqual([
    expect.stringMatching(/^--rate: /),
    expect.stringMatching(/^\.env:1: A: /),
  ]);
});

test('problems of credentials, ledger and glob come together', async () => {
  const { load } = await setup(atProvider.replace('a.csv', '"none/*.csv"'));
  expect(await problemsOfRefusal(load({}, { DATABASE_URL: 'mysql://x' }))).toEqual([
    'not set: KONA_ASP_ID, KONA_ACCESS_KEY, KONA_SECRET_KEY (or the same with _FILE)',
    'DATABASE_URL: expected a postgres:// URL, or embedded:FOLDER',
    'list.csv: no file matches none/*.csv',
  ]);
});

test('the configuration is frozen to its leaves', async () => {
  const { load } = await setup(atProvider);
  const configuration = await load({}, credentials);
  const unfrozen: string[] = [];
  const visit = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) unfrozen.push(at);
    for (const [key, item] of Object.entries(value)) visit(item, `${at}.${key}`);
  };
  visit(configuration, 'configuration');
  expect(unfrozen).toEqual([]);
});

test('two configurations share nothing that could be changed', async () => {
  const { load } = await setup(smallest);
  const [one, two] = [await load(), await load()];
  expect(isDeepStrictEqual(one.settings, two.settings)).toBe(true);
  expect(one.settings).not.toBe(two.settings);
});

describe('for the ledger alone', () => {
  test('needs no job file and no provider', async () => {
    const { cwd } = await createWorkplace();
    const url = `postgres://kona:${planted.password}@db.example/ledger`;
    const configuration = await loadLedgerConfiguration({
      flags: { json: true },
      env: { DATABASE_URL: url },
      cwd,
    });
    expect(configuration).toMatchObject({
      reportsPlace: { cwd, flag: null },
      flags: { json: true },
      database: { kind: 'server' },
    });
    expect(configuration.database.kind === 'server' && configuration.database.url.reveal()).toBe(url);
  });

  test('refuses what it can not use', async () => {
    const { cwd } = await createWorkplace();
    const load = (databaseUrl: string) => loadLedgerConfiguration({ flags: { databaseUrl }, env: {}, cwd });
    for (const url of ['embedded:', 'embedded: ', 'postgres:/x', 'localhost', 'mysql://a/b']) {
      expect(await problemsOfRefusal(load(url))).toEqual([
        expect.stringMatching(/^--database-url: expected/),
      ]);
    }
    expect((await load('postgresql:///ledger?host=/var/run')).database.kind).toBe('server');
  });
});
