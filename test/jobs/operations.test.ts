// What docs/operations.md tells operations to do, done.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { startSandbox } from '../../src/sandbox/wire/server.ts';
import { findOutsideTool } from '../../tools/outside-tools.ts';
import { createWorld, jobTextOf, listOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { runSql } from '../support/run-sql.ts';
import { startRun } from '../support/run-under-way.ts';
import { classesOf, summaryOf } from './program-output.ts';

interface Backup {
  readonly mark: string;
  readonly missing: boolean;
  readonly engine: LedgerEngine;
  readonly save: (world: EnrolmentWorld) => void;
  readonly restore: (world: EnrolmentWorld) => void;
}

/** A database of its own, as pg_dump and pg_restore have it. */
const ownDatabase: LedgerEngine = {
  ...serverEngine,
  create: async () => {
    const server = process.env['KONA_TEST_DATABASE_URL'] ?? '';
    const name = `kona_enroll_operations_${randomBytes(6).toString('hex')}`;
    await runSql(server, `create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    const folder = await mkdtemp(join(tmpdir(), 'kona-ledger-'));
    return {
      address: { kind: 'server', url: url.href },
      databaseUrl: url.href,
      folder,
      remove: async () => {
        await runSql(server, `drop database ${name} with (force)`);
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

const dump = findOutsideTool('pg_dump');
const inBackup = (world: EnrolmentWorld, name: string): string => join(world.cwd, name);

const backups: readonly Backup[] = [
  {
    mark: '(server Postgres) (pg_dump)',
    missing: serverEngine.missing || dump === undefined,
    engine: ownDatabase,
    save: (world) => {
      const file = inBackup(world, 'kona.dump');
      execFileSync('pg_dump', ['--format=custom', `--file=${file}`, world.ledger.databaseUrl]);
    },
    restore: (world) => {
      const into = ['--clean', '--if-exists', '--single-transaction', `--dbname=${world.ledger.databaseUrl}`];
      execFileSync('pg_restore', [...into, inBackup(world, 'kona.dump')]);
    },
  },
  {
    mark: '(embedded)',
    missing: false,
    engine: embeddedEngine,
    save: (world) => {
      cpSync(join(world.cwd, 'ledger'), inBackup(world, 'kept'), { recursive: true });
    },
    restore: (world) => {
      rmSync(join(world.cwd, 'ledger'), { recursive: true });
      cpSync(inBackup(world, 'kept'), join(world.cwd, 'ledger'), { recursive: true });
    },
  },
];

describe.each(backups)('a ledger of yesterday $mark', ({ engine, missing, save, restore }) => {
  test.skipIf(missing)('shows what was called since as breaks, and finds it already active', async () => {
    const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(3)}, answer: "007_031" }\n`);
    await using world = await createWorld({ engine, sandbox: { fixtures } });
    await world.writeList('list.csv', listOf(20));
    const start = async (...argv: string[]) => summaryOf(await runProgram([...argv, '--json'], world));
    const first = await start('run', 'job.yaml', '--limit', '8');
    expect(classesOf(first)).toEqual({ enrolled: 7, action_required: 1, unprocessed: 12 });
    save(world);
    // Later that night: the customer has done what was asked, and everybody is enrolled.
    world.sandbox.replaceFixtures(parseFixtures('cards: []\n'));
    await start('run', 'job.yaml');
    expect(await start('retry', '--class', 'action_required')).toMatchObject({ classes: { enrolled: 1 } });
    restore(world);

    const ask = ['reconcile', '--against', 'provider', '--job-file', 'job.yaml', '--json'];
    const seen = await runProgram(ask, world);
    const { breaks } = JSON.parse(seen.stdout) as { breaks: { kind: string; fresh: number }[] };
    expect(seen.exitCode).toBe(3);
    expect(breaks).toMatchObject([{ kind: 'unknown_to_us', fresh: 1 }]);

    const again = await start('run', 'job.yaml');
    expect(again).toMatchObject({ runId: first.runId, exitCode: 3, list: { rowsRead: 20 } });
    expect(classesOf(again)).toEqual({ enrolled: 7, action_required: 1, already_active: 12 });
    expect(await start('retry')).toMatchObject({ exitCode: 0, classes: { already_active: 1 } });
    const ids = world.sandbox.calls().map(({ correlationId }) => correlationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await runProgram(ask, world)).exitCode).toBe(0);
    expect(world.sandbox.truth()).toHaveLength(20);
  });
});

test('new keys without a lost night: who still has the old ones loses nobody, and goes on with the new', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kona-keys-'));
  const statePath = join(folder, 'provider.ndjson');
  const engine = embeddedEngine;
  await using world = await createWorld({ engine, encryption: 'required', sandbox: { statePath } });
  try {
    await writeFile(join(world.cwd, 'job.yaml'), jobTextOf({ encryption: 'required' }));
    await world.writeList('list.csv', listOf(12));
    const start = async (env: Readonly<Record<string, string>>, ...more: string[]) =>
      summaryOf(await runProgram(['run', 'job.yaml', '--json', ...more], { cwd: world.cwd, env }));
    expect(await start(world.env, '--limit', '5')).toMatchObject({ exitCode: 6, calls: 5 });

    // The provider has ended the old keys, and knows who was registered.
    const port = Number(new URL(world.sandbox.baseUrl).port);
    await world.sandbox.close();
    const credentials = { ...world.sandbox.credentials, accessKey: 'n'.repeat(40), secretKey: 'a new one' };
    const provider = await startSandbox({ port, statePath, credentials, requireEncryption: true });
    onTestFinished(async () => {
      await provider.close();
    });
    const late = await start(world.env);
    expect(late).toMatchObject({ exitCode: 7, exitCause: 'credentials', classes: { unprocessed: 7 } });

    const keys = await provider.encryptionKeys();
    const renewed = {
      ...world.env,
      KONA_ACCESS_KEY: credentials.accessKey,
      KONA_SECRET_KEY: credentials.secretKey,
      KONA_CRYPTO_KEY_ID: keys.cryptoKeyId,
      KONA_SERVER_PUBLIC_KEY: keys.serverPublicKey,
      KONA_CLIENT_PRIVATE_KEY: keys.clientPrivateKey,
    };
    // One inquiry proves them and changes nothing.
    const ask = ['reconcile', '--against', 'provider', '--sample', '1', '--job-file', 'job.yaml'];
    expect((await runProgram(ask, { cwd: world.cwd, env: renewed })).exitCode).toBe(0);
    const end = await start(renewed);
    expect(end).toMatchObject({ exitCode: 0, runId: late.runId });
    expect(classesOf(end)).toEqual({ enrolled: 12 });
    expect(provider.truth()).toHaveLength(12);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe('a second machine with --wait', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('goes on where the first died, and calls nobody who was finished (server Postgres)', async () => {
    const concurrency = 4;
    await using begun = await startRun({
      engine: serverEngine,
      job: `limits: { rate: 20/s, concurrency: ${concurrency}, timeout: 60s }`,
      records: 60,
      until: ['recorded', 10],
    });
    const { world, program: first } = begun;
    // However long the second one takes to begin, the first has the job until then.
    first.kill('SIGSTOP');
    const second = startProgram(['run', 'job.yaml', '--json', '--wait'], world);
    await second.said('waiting: job proof is being run by process ');
    first.kill('SIGKILL');
    const summary = summaryOf(await second.ended);
    expect(summary).toMatchObject({ exitCode: 0, list: { rowsRead: 60 } });
    // Calls under way when it died, and such as were answered and not yet written, may have been made twice.
    expect(world.sandbox.calls().length).toBeLessThanOrEqual(60 + 2 * concurrency);
    expect(world.sandbox.truth()).toHaveLength(60);
  });
});
