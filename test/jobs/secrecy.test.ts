import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { startEchoingProvider } from './echoing-provider.ts';

const ids = {
  userId: '9182736455463728190',
  par: 'PLANTEDPAR0SECRET0NUMBER001',
  shortUserId: '918273645',
  shortUserPar: 'PLANTEDPAR0OF0SHORT0USER003',
  /** Only in the list: a row that is rejected for its PAR. */
  rejectedUserId: '8273645546372819001',
  rejectedPar: 'PLANTEDPAR0TOO0LONG0NUMBER02X',
};
const secrets = {
  accessKey: 'planted-access-key-of-forty-characters-1',
  secretKey: 'planted/secret+key=with "signs"',
  password: 'planted#password',
  proxyPassword: 'planted#proxy/password',
};

/** As people keep lists: ids also in a note and in the name of a column. */
const list = [
  `user_id,par,name,card ${ids.par} of ${ids.userId}`,
  `${ids.userId},${ids.par},planted,${ids.par} of ${ids.userId}`,
  `${ids.rejectedUserId},${ids.rejectedPar},rejected,${ids.rejectedUserId}`,
  `${ids.shortUserId},${ids.shortUserPar},short,=${ids.shortUserPar}`,
  '',
].join('\n');

/** Which of them stand in a text, also as JSON, CSV or a URL spell them. */
function foundIn(text: string): readonly string[] {
  return [...Object.values(ids), ...Object.values(secrets)].filter((value) =>
    [value, JSON.stringify(value).slice(1, -1), value.replaceAll('"', '""'), encodeURIComponent(value)].some(
      (spelling) => text.includes(spelling),
    ),
  );
}

test('the search finds each of them, however it is spelt', () => {
  const all = { ...ids, ...secrets };
  const { secretKey, password } = secrets;
  expect(foundIn(Object.values(all).join())).toEqual(Object.values(all));
  expect(foundIn(JSON.stringify(all))).toEqual(Object.values(all));
  expect(foundIn(`"${secretKey.replaceAll('"', '""')}"`)).toEqual([secretKey]);
  expect(foundIn(withPassword('postgres://kona@h/d'))).toEqual([password]);
  expect(foundIn('91*************8190 [secret]')).toEqual([]);
});

interface Said {
  readonly argv: string;
  readonly end: ProgramEnd;
}

async function setup(engine: LedgerEngine) {
  const world = await createWorld({ engine, job: 'limits: { rate: 1000/s, timeout: 2s }' });
  const provider = await startEchoingProvider(
    `${secrets.secretKey} ${secrets.proxyPassword}`,
    ids.shortUserPar,
  );
  await world.writeList('list.csv', list);
  const env = {
    ...world.env,
    DATABASE_URL: withPassword(world.ledger.databaseUrl),
    KONA_BASE_URL: provider.baseUrl,
    KONA_ACCESS_KEY: secrets.accessKey,
    KONA_SECRET_KEY: secrets.secretKey,
    // Not asked for a provider on this machine, and nobody's to see all the same.
    HTTPS_PROXY: `http://cron:${encodeURIComponent(secrets.proxyPassword)}@127.0.0.1:1`,
  };
  const said: Said[] = [];
  return {
    world,
    env,
    said,
    say: async (argv: readonly string[], changed: Readonly<Record<string, string>> = {}) => {
      const end = await runProgram(argv, { cwd: world.cwd, env: { ...env, ...changed } });
      said.push({ argv: argv.join(' '), end });
      return end;
    },
    [Symbol.asyncDispose]: async () => {
      await provider[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** The tests' server trusts loopback: any password does. */
function withPassword(databaseUrl: string): string {
  if (!databaseUrl.startsWith('postgres')) return databaseUrl;
  const url = new URL(databaseUrl);
  url.password = secrets.password;
  return url.href;
}

/** Every file below a folder, its path relative to it; links are not followed. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/**
 * All that the program wrote and that is no list for people: neither the run folder's other CSV nor the engine's own
 * files. Of the workbooks, the sheets that bear no ids.
 */
async function textsBeside(world: EnrolmentWorld): Promise<readonly (readonly [string, string])[]> {
  const names = (await filesBelow(world.cwd)).filter(
    (name) =>
      (!name.endsWith('.csv') || name.endsWith('for-developers.csv')) &&
      !name.includes(`pgdata${sep}`) &&
      name !== 'job.yaml' &&
      !name.endsWith('failed.xlsx'),
  );
  return await Promise.all(names.map(async (name) => [name, await readText(join(world.cwd, name))] as const));
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (!path.endsWith('report.xlsx')) return bytes.toString('utf8');
  const { sheets } = await readXlsx(bytes);
  const shown = sheets.filter(({ name }) => maskedSheets.has(name));
  expect(shown).toHaveLength(2);
  return JSON.stringify(shown.map(({ rows }) => rows));
}

const maskedSheets = new Set(['Summary', 'For developers', '요약', '개발자용']);

async function readResults(world: EnrolmentWorld, stdout: string): Promise<string> {
  return await world.readReport((JSON.parse(stdout) as { runId: string }).runId, 'results.csv');
}

function expectNoneIn(texts: readonly (readonly [string, string])[]): void {
  expect(texts.map(([name, text]) => [name, foundIn(text)])).toEqual(texts.map(([name]) => [name, []]));
}

function expectNoneSaid(said: readonly Said[]): void {
  expectNoneIn(said.map(({ argv, end }) => [argv, end.stdout + end.stderr]));
}

/** Every value of every row of ours. */
async function readLedgerTexts(world: EnrolmentWorld): Promise<string> {
  const ledger = await openLedger(world.ledger.address);
  try {
    const tables = ['run', 'list_row', 'enrollment', 'attempt', 'job'];
    const rows = await Promise.all(
      tables.map(
        async (table) => await ledger.query<{ text: string }>(`select t::text as text from ${table} t`),
      ),
    );
    return rows
      .flat()
      .map((row) => row.text)
      .join('\n');
  } finally {
    await ledger.close();
  }
}

/** What differs is compared, settled and forgotten, with ids in every note. */
async function compareAndSettle({ say }: Awaited<ReturnType<typeof setup>>): Promise<void> {
  const note = `card ${ids.par} of ${ids.userId}`;
  for (const how of [[], ['--json']]) {
    // Settling the record explains its break, so the second time none is open.
    expect((await say(['reconcile', '--against', 'list', ...how])).exitCode).toBe(how.length === 0 ? 3 : 0);
    expect((await say(['resolve', ids.userId, '--note', note, ...how])).exitCode).toBe(0);
    expect((await say(['resolve', 'break:1', '--note', note, ...how])).exitCode).toBe(0);
    expect((await say(['purge', '--dry-run', '--older-than', '1d', ...how])).exitCode).toBe(0);
  }
  await say(['reconcile', '--against', 'provider', '--log-level', 'debug', '--json']);
  expect((await say(['explain', ids.userId, '--json'])).stdout).toContain('card PL');
  expect((await say(['resolve', ids.userId, '--undo', '--json'])).exitCode).toBe(0);
}

describe.each(ledgerEngines)('never whole on a screen, in a log or in a summary ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('on every path, whatever the provider repeats', async () => {
    await using session = await setup(engine);
    const { say, said, world } = session;
    const first = await say(['run', 'job.yaml', '--json', '--log-level', 'debug']);
    expect(first.exitCode).toBe(4);
    await say(['run', 'job.yaml', '--log-level', 'debug']);
    await say(['retry', '--class', 'bad_data', '--log-level', 'debug']);
    await say(['plan', 'job.yaml', '--json']);
    for (const language of ['ko', 'en']) {
      expect((await say(['report', '--lang', language, '--json'])).exitCode).toBe(0);
      expect((await say(['report', '--verify'])).exitCode).toBe(0);
    }
    expect((await say(['report', '--verify', '--json'])).exitCode).toBe(0);
    expect((await say(['report', ids.userId, '--json'])).exitCode).toBe(2);
    expect((await say(['report', '--verify', ids.par, '--json'])).exitCode).toBe(2);
    await say(['plan', 'job.yaml']);
    await say(['access-log', '--json']);
    await say(['status']);
    await say(['status', (JSON.parse(first.stdout) as { runId: string }).runId, '--json']);
    const explained = await say(['explain', ids.userId]);
    expect(explained.exitCode).toBe(0);
    await say(['explain', ids.par, '--json']);
    await say(['explain', ids.shortUserPar]);
    await say(['explain', ids.shortUserPar, '--json']);
    await say(['explain', `${(JSON.parse(first.stdout) as { runId: string }).runId}:3`]);
    // A failure's words go to stderr with --json as well.
    expect((await say(['explain', ids.rejectedUserId, '--json'])).exitCode).toBe(2);
    expect((await say(['run', 'job.yaml', '--rate', ids.userId, '--json'])).exitCode).toBe(2);
    expect((await say(['run', 'job.yaml', '--log-level', secrets.secretKey, '--json'])).exitCode).toBe(2);
    expect((await say(['retry', '--run', ids.par, '--json'])).exitCode).toBe(2);
    expect((await say(['run', `${ids.userId}.csv`, '--json'])).exitCode).toBe(2);
    expect((await say([ids.userId, '--json'])).exitCode).toBe(2);
    await writeFile(join(world.cwd, 'list.csv'), `${ids.userId},${ids.par}\n${list}`);
    expect((await say(['run', 'job.yaml', '--json'])).exitCode).toBe(5);

    expectNoneSaid(said);
    expectNoneIn(await textsBeside(world));
    expect((await textsBeside(world)).map(([name]) => name)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/report\.html$/),
        expect.stringMatching(/report\.xlsx$/),
        expect.stringMatching(/for-developers\.csv$/),
        expect.stringMatching(/\.log$/),
        expect.stringMatching(/manifest\.json$/),
        expect.stringMatching(/summary\.json$/),
      ]),
    );
    expect(explained.stdout).toContain('91*************8190');

    // The same search finds the ids where they may stand; the secrets stand nowhere, whoever repeats them.
    expect(foundIn(await readResults(world, first.stdout))).toEqual(Object.values(ids));
    expect(foundIn(await readLedgerTexts(world))).toEqual(Object.values(ids));
  });

  it('in what is compared, settled and looked at by somebody who says why', async () => {
    await using session = await setup(engine);
    const { say, said, world, env } = session;
    expect((await say(['run', 'job.yaml', '--json'])).exitCode).toBe(4);
    await compareAndSettle(session);
    const asked = ['--show-ids', '--reason', `asked for ${ids.shortUserId} of ${ids.par}`];
    const whole = await runProgram(['explain', ids.shortUserPar, ...asked], { cwd: world.cwd, env });
    expect(foundIn(whole.stdout)).toEqual(expect.arrayContaining([ids.shortUserId, ids.shortUserPar]));
    await say(['access-log']);
    expect((await say(['access-log', '--json'])).stdout).toContain('asked for ******645 of PL');
    expectNoneSaid(said);
    expectNoneIn(await textsBeside(world));
  });
});

test('never whole where something fails', async () => {
  await using session = await setup(embeddedEngine);
  const { say, said, world, env } = session;
  const point = { name: 'sending_committed', count: 1, action: 'SIGKILL' } as const;
  const killed = await runProgram(['run', 'job.yaml'], { cwd: world.cwd, env, point });
  expect(killed.signal).toBe('SIGKILL');
  const left = await textsBeside(world);
  expect(left.map(([name]) => name)).toContain(join('ledger', 'holder.json'));
  expectNoneIn(left);
  said.push({ argv: 'killed', end: killed });

  const down = withPassword('postgres://kona@127.0.0.1:1/ledger');
  const unusable = down.replace(':1/', ':port/');
  const run = ['run', 'job.yaml', '--log-level', 'debug', '--json'];
  expect((await say(run, { DATABASE_URL: down })).exitCode).toBe(8);
  expect((await say([...run, '--database-url', down])).exitCode).toBe(8);
  expect((await say(['status', '--json'], { DATABASE_URL: down })).exitCode).toBe(8);
  expect((await say(run, { DATABASE_URL: unusable })).exitCode).toBe(2);
  expect(
    (await say(run, { KONA_BASE_URL: `http://kona:${encodeURIComponent(secrets.password)}@h` })).exitCode,
  ).toBe(2);
  expect((await say(run, { KONA_ACCESS_KEY: `${secrets.accessKey}x` })).exitCode).toBe(2);
  expect((await say(run, { KONA_ASP_ID: secrets.secretKey })).exitCode).toBe(2);
  // Through the proxy, which is down.
  const beyond = { KONA_BASE_URL: 'https://pay.example' };
  expect((await say(run, beyond)).exitCode).toBe(7);
  expect((await say(run, { ...beyond, HTTPS_PROXY: secrets.proxyPassword })).exitCode).toBe(2);
  // Refused at the sandbox, whose keys are others.
  expect((await say(['run', 'job.yaml', '--json'], { KONA_BASE_URL: world.sandbox.baseUrl })).exitCode).toBe(
    7,
  );
  expect((await say(['status'])).exitCode).toBe(0);
  expectNoneSaid(said);
  expectNoneIn(await textsBeside(world));
});
