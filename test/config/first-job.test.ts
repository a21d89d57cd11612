import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openEnvironment } from '../../src/config/environment.ts';
import { environmentTable } from '../../src/config/environment-table.ts';
import { writeEnvText } from '../../src/config/init/env-text.ts';
import {
  answerChecks,
  jobNameOf,
  sourceKinds,
  type FirstJob,
  type SourceKind,
} from '../../src/config/init/first-job.ts';
import { checkFirstJobFile, writeJobFileText } from '../../src/config/init/job-file-text.ts';
import { jobFileSchema } from '../../src/config/job-file/job-file-schema.ts';
import { settingPaths } from '../../src/config/settings/setting-sections.ts';
import { defaultOf } from '../../src/config/settings/setting.ts';
import { createWorkplace } from './workplace.ts';

const texts: Readonly<Record<SourceKind, string>> = {
  csv: '목록/*.csv',
  excel: "that's it.xlsx",
  inbox: 'inbox',
  query: 'select user_id, par\nfrom members -- all: of them',
  table: 'public.members',
};

const real = { baseUrl: 'https://provider.example/api', name: 'my provider' };

function jobOf(kind: SourceKind, provider: FirstJob['provider']): FirstJob {
  return {
    job: 'members',
    source: { kind, text: texts[kind] },
    provider,
    rate: '20/s, 600/min',
    language: 'ko',
  };
}

const emptyEnvironment = { layers: [{}], cwd: '/' };

for (const provider of ['sandbox', real] as const) {
  const name = provider === 'sandbox' ? 'the simulator' : 'the real provider';
  test.each(sourceKinds)(`the job file of a list from %s for ${name} keeps to the schema`, async (kind) => {
    const text = writeJobFileText(jobOf(kind, provider));
    expect(await checkFirstJobFile(text, 'members.yaml', emptyEnvironment)).toEqual([]);
    const written = parse(text) as Record<string, Record<string, unknown>>;
    const list =
      kind === 'query' || kind === 'table'
        ? { postgres: { url: '$SOURCE_DATABASE_URL', [kind]: texts[kind] } }
        : { [kind]: texts[kind] };
    expect(written).toEqual({
      job: 'members',
      list,
      provider,
      limits: { rate: '20/s, 600/min' },
      report: { language: 'ko' },
    });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
}

/** The file with every line that is switched off switched on, its variables set; of two providers the real one. */
function switchedOn(text: string): unknown {
  return parse(
    text
      .replace('provider: sandbox\n', '')
      .replaceAll(/^( *)#(?! \S)/gm, '$1')
      .replaceAll('$SOURCE_DATABASE_URL', 'postgres://h/d')
      .replaceAll(/\$[A-Z]+_(?:URL|WEBHOOK)/g, 'https://told.example/x'),
  );
}

test('a default that is switched off changes nothing when it is switched on', () => {
  const text = writeJobFileText(jobOf('csv', real));
  const [before, after] = [jobFileSchema.parse(parse(text)), jobFileSchema.parse(switchedOn(text))];
  const defaults = settingPaths.filter(
    ([, one]) => one.example === undefined && defaultOf(one) !== undefined,
  );
  const compared = defaults.filter(([path]) => !/^(?:notify|list\.postgres)\./.test(path));
  expect(compared.length).toBeGreaterThan(20);
  for (const [path] of compared) expect([path, valueAt(after, path)]).toEqual([path, valueAt(before, path)]);
});

test.each(sourceKinds)('whatever is switched off for a list from %s may be switched on', (kind) => {
  const given = switchedOn(writeJobFileText(jobOf(kind, 'sandbox')));
  expect(jobFileSchema.safeParse(given).error?.issues ?? []).toEqual([]);
  const elsewhere = settingPaths.map(([path]) => path).filter((path) => valueAt(given, path) === undefined);
  expect(elsewhere.filter((path) => !path.startsWith('list.'))).toEqual([]);
});

function valueAt(tree: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      tree,
    );
}

test('each key is explained in the words of the docs', () => {
  const text = writeJobFileText(jobOf('csv', real)).replaceAll(/\n[ #]*/g, ' ');
  for (const [path, { help }] of settingPaths) {
    const isShown = !/^list\.(?:excel|inbox|sheet|postgres\..*)$/.test(path);
    expect([path, text.includes(help)]).toEqual([path, isShown]);
  }
});

test('a job file that could not be read again is not taken for good', async () => {
  const text = writeJobFileText({ ...jobOf('csv', real), source: { kind: 'csv', text: '$NOT_SET' } });
  expect(await checkFirstJobFile(text, 'members.yaml', emptyEnvironment)).toEqual([
    expect.stringMatching(/^members.yaml:\d+:\d+: list.csv: the environment variable NOT_SET is not set$/),
  ]);
});

test('the .env is read as it stands, and has a line for each variable of ours', async () => {
  const place = await createWorkplace();
  const text = writeEnvText(jobOf('table', real));
  await place.write('.env', text);
  expect(await openEnvironment({}, place.cwd)).toMatchObject({ kind: 'valid' });
  expect(parseEnv(text)).toEqual({
    SOURCE_DATABASE_URL: '',
    KONA_ASP_ID: '',
    KONA_ACCESS_KEY: '',
    KONA_SECRET_KEY: '',
    KONA_CRYPTO_KEY_ID: '',
    KONA_SERVER_PUBLIC_KEY: '',
    KONA_CLIENT_PRIVATE_KEY: '',
  });
  const named = [...text.matchAll(/^#?(?<name>[A-Z_]+)=$/gm)].map(({ groups }) => groups?.['name']);
  const ours = Object.keys(environmentTable).filter((name) => /^(?:KONA_|DATABASE_URL)/.test(name));
  expect(named).toEqual(['SOURCE_DATABASE_URL', ...ours]);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(parseEnv(writeEnvText(jobOf('csv', 'sandbox')))).toEqual({});
});

test('a job is called as its list is', () => {
  const nameOf = (kind: SourceKind, text: string): string => jobNameOf({ kind, text });
  expect(nameOf('csv', 'lists/Legacy Users (2).csv')).toBe('legacy-users-2');
  expect(nameOf('inbox', '/srv/inbox/')).toBe('inbox');
  expect(nameOf('table', 'public.legacy_members')).toBe('legacy-members');
  expect(nameOf('query', 'select 1')).toBe('members');
  expect(nameOf('csv', '목록/*.csv')).toBe('members');
  expect(nameOf('csv', `${'a'.repeat(70)}.csv`)).toHaveLength(64);
});

test('an answer is checked as the job file would be', () => {
  const refused = (checked: { kind: string; problems?: readonly string[] }): string =>
    checked.kind === 'refused' ? (checked.problems ?? []).join() : 'accepted';
  expect(refused(answerChecks.job('No Name'))).toMatch(/^expected 1 to 64 of a-z/);
  expect(refused(answerChecks.rate('20'))).toMatch(/^expected a rate such as 20\/s/);
  expect(refused(answerChecks.language('fr'))).toBe('expected ko or en');
  expect(refused(answerChecks.providerName('sandbox'))).toMatch(/other than sandbox/);
  expect(refused(answerChecks.baseUrl('http://provider.example'))).toMatch(/expected an https:\/\/ URL/);
  expect(refused(answerChecks.sourceNumber('6'))).toBe('expected a number from 1 to 5');
  expect(refused(answerChecks.source('csv', ' '))).toMatch(/^expected a path/);
  expect(answerChecks.baseUrl('https://provider.example/')).toEqual({
    kind: 'valid',
    value: 'https://provider.example',
  });
  expect(answerChecks.sourceNumber('3')).toEqual({ kind: 'valid', value: 'inbox' });
});
