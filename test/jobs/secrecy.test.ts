import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, startProgram, type ProgramEnd } from '../support/program.ts';
import { startEchoingProvider } from './echoing-provider.ts';

/** Each test starts the real program many times, on a machine that may have other work. */
vi.setConfig({ testTimeout: 180_000 });

const ids = {
  userId: '9182736455463728190',
  par: 'PLANTEDPAR0SECRET0NUMBER001',
  /** Only in the list: a row that is rejected for its PAR. */
  rejectedUserId: '8273645546372819001',
  rejectedPar: 'PLANTEDPAR0TOO0LONG0NUMBER02X',
};
const secrets = {
  accessKey: 'planted-access-key-of-forty-characters-1',
  secretKey: 'planted/secret+key=with "signs"',
  password: 'planted#password',
};
const planted = [...Object.values(ids), ...Object.values(secrets), encodeURIComponent(secrets.password)];

const list = [
  'user_id,par,name',
  `${ids.userId},${ids.par},planted`,
  `${ids.rejectedUserId},${ids.rejectedPar},rejected`,
  '1000000001,PAR0000000000000000000000AB,other',
  '',
].join('\n');

function foundIn(text: string): readonly string[] {
  return planted.filter((value) => text.includes(value));
}

interface Said {
  readonly argv: string;
  readonly end: ProgramEnd;
}

async function setup(engine: LedgerEngine) {
  const world = await createWorld({ engine, job: 'limits: { rate: 1000/s, timeout: 2s }' });
  const provider = await startEchoingProvider(secrets.secretKey);
  await world.writeList('list.csv', list);
  const env = {
    ...world.env,
    DATABASE_URL: withPassword(world.ledger.databaseUrl),
    KONA_BASE_URL: provider.baseUrl,
    KONA_ACCESS_KEY: secrets.accessKey,
    KONA_SECRET_KEY: secrets.secretKey,
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

/** All that the program wrote and that is no list: neither the run folder's CSV nor the engine's own files. */
async function textsBeside(world: EnrolmentWorld): Promise<readonly (readonly [string, string])[]> {
  const names = (await filesBelow(world.cwd)).filter(
    (name) => !name.endsWith('.csv') && !name.includes(`pgdata${sep}`) && name !== 'job.yaml',
  );
  return await Promise.all(
    names.map(async (name) => [name, await readFile(join(world.cwd, name), 'utf8')] as const),
  );
}

async function readResults(world: EnrolmentWorld, stdout: string): Promise<string> {
  return await world.readReport((JSON.parse(stdout) as { runId: string }).runId, 'results.csv');
}

describe.each(ledgerEngines)('never whole on a screen, in a log or in a summary ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('on every path, whatever the provider repeats', async () => {
    await using session = await setup(engine);
    const { say, said, world } = session;
    const first = await say(['run', 'job.yaml', '--json', '--log-level', 'debug']);
    expect(first.exitCode).toBe(3);
    await say(['run', 'job.yaml', '--log-level', 'debug']);
    await say(['retry', '--class', 'bad_data', '--log-level', 'debug']);
    await say(['status']);
    await say(['status', (JSON.parse(first.stdout) as { runId: string }).runId, '--json']);
    const explained = await say(['explain', ids.userId]);
    expect(explained.exitCode).toBe(0);
    await say(['explain', ids.par, '--json']);
    await say(['explain', `${(JSON.parse(first.stdout) as { runId: string }).runId}:3`]);
    for (const flags of [[], ['--json']]) {
      expect((await say(['explain', ids.rejectedUserId, ...flags])).exitCode).toBe(2);
      expect((await say(['run', 'job.yaml', '--rate', ids.userId, ...flags])).exitCode).toBe(2);
      expect((await say(['run', 'job.yaml', '--log-level', secrets.secretKey, ...flags])).exitCode).toBe(2);
      expect((await say(['retry', '--run', ids.par, ...flags])).exitCode).toBe(2);
      expect((await say(['run', `${ids.userId}.csv`, ...flags])).exitCode).toBe(2);
      expect((await say([ids.userId, ...flags])).exitCode).toBe(2);
    }
    await writeFile(join(world.cwd, 'list.csv'), `${ids.userId},${ids.par}\n${list}`);
    expect((await say(['run', 'job.yaml', '--json'])).exitCode).toBe(5);

    for (const { argv, end } of said) expect(foundIn(end.stdout + end.stderr), argv).toEqual([]);
    for (const [name, text] of await textsBeside(world)) expect(foundIn(text), name).toEqual([]);
    expect((await textsBeside(world)).map(([name]) => name)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/manifest\.json$/),
        expect.stringMatching(/summary\.json$/),
      ]),
    );
    expect(explained.stdout).toContain('91*************8190');

    // The same search finds the ids where they may stand.
    const results = await readResults(world, first.stdout);
    expect(foundIn(results)).toEqual(expect.arrayContaining(Object.values(ids)));
    expect(foundIn(results)).not.toEqual(expect.arrayContaining([secrets.secretKey]));
  });
});
