import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/domain/setup/finding.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { inspectLedgerFolder } from '../../src/ledger/inspection/inspect-folder.ts';
import { inspectLedger } from '../../src/ledger/inspection/inspect-ledger.ts';
import { judgeServer, type ServerFacts } from '../../src/ledger/inspection/server-facts.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { runSql } from '../support/run-sql.ts';
import { hasPooler, startPooler } from '../support/server/pooler.ts';
import { createRole } from '../support/server/server-role.ts';

const serverUrl = process.env['KONA_TEST_DATABASE_URL'] ?? '';
const onServer = serverEngine.missing ? test.skip : test;
const withPooler = hasPooler ? test : test.skip;
const never = new AbortController().signal;

async function inspect(url: string): Promise<readonly Finding[]> {
  const address = { kind: 'server', url, from: 'DATABASE_URL in .env' } as const;
  return (await inspectLedger(address, { now: () => new Date(), stop: never })).findings;
}

/** What is not well, as `level about: what → cure`. */
function troubles(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ level, about, what, cure }) =>
    level === 'ok' ? [] : [`${level} ${about}: ${what}${cure === null ? '' : ` → ${cure}`}`],
  );
}

async function allTables(url: string, schema: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const sql = 'select relname, relkind from pg_class where relnamespace = $1::regnamespace order by 1';
    return (await client.query<{ relname: string }>(sql, [schema])).rows;
  } finally {
    await client.end();
  }
}

onServer('an empty schema is well and stays empty (server Postgres)', async () => {
  await using role = await createRole(serverUrl, {});
  const findings = await inspect(role.url);
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ what }) => what)).toContain('no ledger yet: the first run makes it');
  expect(await allTables(role.url, role.name)).toEqual([]);
});

onServer('the ledger of this program is well, also where a run holds it (server Postgres)', async () => {
  await using role = await createRole(serverUrl, {});
  const ledger = await openLedger({ kind: 'server', url: role.url });
  try {
    const findings = await inspect(role.url);
    expect(troubles(findings)).toEqual([]);
    expect(findings.map(({ what }) => what)).toContain('the role owns the ledger');
  } finally {
    await ledger.close();
  }
});

onServer(
  'steps that are missing are told: to the owner, and to who may not make them (server Postgres)',
  async () => {
    await using owner = await createRole(serverUrl, {});
    await using runner = await createRole(serverUrl, { settings: [`search_path = ${owner.name}`] });
    await (await openLedger({ kind: 'server', url: owner.url })).close();
    await runSql(owner.url, `grant usage on schema ${owner.name} to ${runner.name}`);
    expect(troubles(await inspect(runner.url))).toEqual([
      `fail ledger rights: the role ${runner.name} may not read the ledger’s tables → as the owner of the ledger: kona-enroll migrate --runner ${runner.name}`,
    ]);
    const grant = (what: string) => `grant ${what} on all tables in schema ${owner.name} to ${runner.name}`;
    await runSql(owner.url, grant('select, insert, update'));
    await runSql(owner.url, grant('delete'));
    await runSql(owner.url, `revoke delete on attempt, job from ${runner.name}`);
    const lacks = `the role ${runner.name} lacks delete on attempt, usage on correlation_block, delete on job`;
    expect(troubles(await inspect(runner.url))).toEqual([
      expect.stringContaining(`fail ledger rights: ${lacks} →`),
    ]);

    await runSql(owner.url, 'delete from schema_migration where version > 20');
    const before = await allTables(owner.url, owner.name);
    expect(troubles(await inspect(owner.url))).toEqual([
      expect.stringMatching(
        /^warn ledger schema: \d+ steps are missing, from 0021_.* on → start `kona-enroll migrate`/,
      ),
    ]);
    expect(troubles(await inspect(runner.url))).toEqual([
      expect.stringMatching(
        /^fail ledger schema: .*the role may not make them → as the owner .*kona-enroll migrate/,
      ),
    ]);
    expect(await allTables(owner.url, owner.name)).toEqual(before);
    await runSql(
      owner.url,
      `insert into schema_migration (version, name) select v, v || '_newer.sql' from generate_series(21, 99) v`,
    );
    expect(troubles(await inspect(owner.url))).toEqual([expect.stringMatching(/use the newer program/)]);
  },
);

onServer('a database of others, and one that is not there, are told as such (server Postgres)', async () => {
  await using role = await createRole(serverUrl, {});
  await runSql(role.url, 'create table customers (id integer)');
  expect(troubles(await inspect(role.url))).toEqual([
    expect.stringMatching(
      /^warn ledger schema: no ledger .* but 1 tables? of others → is it the right database\?/,
    ),
  ]);
  const lost = new URL(role.url);
  lost.pathname = '/not_there';
  expect(troubles(await inspect(lost.href))).toEqual([
    expect.stringMatching(/^fail ledger: .*There is no database not_there .*DATABASE_URL in \.env/),
  ]);
  await using stranger = await createRole(serverUrl, { owns: false });
  expect(troubles(await inspect(stranger.url))).toEqual([
    expect.stringMatching(/^fail ledger schema: there is no ledger .* may not make one → as the owner/),
  ]);
});

onServer('settings of the role that can end or lose a run’s work are told (server Postgres)', async () => {
  await using role = await createRole(serverUrl, {
    settings: [
      'synchronous_commit = off',
      `statement_timeout = '5s'`,
      `idle_in_transaction_session_timeout = '2s'`,
    ],
  });
  await runSql(serverUrl, `alter role ${role.name} connection limit 5`);
  expect(troubles(await inspect(role.url))).toEqual([
    expect.stringMatching(
      /^warn ledger durability: synchronous_commit off: .* → set synchronous_commit = on/,
    ),
    expect.stringMatching(/^warn ledger session: statement_timeout is 5s/),
    expect.stringMatching(/^warn ledger session: idle_in_transaction_session_timeout is 2s/),
    expect.stringMatching(/^warn ledger session: \d connections are free/),
  ]);
});

test('an old server, and one without fsync or full page writes, is told', () => {
  const facts: ServerFacts = {
    versionNumber: 140_011,
    database: 'kona',
    role: 'kona',
    schema: 'public',
    fsync: 'off',
    fullPageWrites: 'off',
    synchronousCommit: 'on',
    statementTimeout: '0',
    idleTimeout: '0',
    statementTimeoutMs: 0,
    idleTimeoutMs: 0,
    freeConnections: 90,
    mayUseTemporary: true,
    mayCreate: true,
    at: new Date(),
  };
  expect(troubles(judgeServer(facts))).toEqual([
    expect.stringMatching(/^fail ledger: PostgreSQL 14, .* → take PostgreSQL 15 or newer/),
    expect.stringMatching(/^warn ledger durability: fsync, full_page_writes off/),
  ]);
});

withPooler('a pooler in transaction mode is told, and the rest is looked at (PgBouncer)', async () => {
  await using role = await createRole(serverUrl, {});
  const pooler = await startPooler(serverUrl, 'transaction');
  const stop = await pooler.start(role.name);
  try {
    const url = new URL(role.url);
    url.hostname = '127.0.0.1';
    url.port = String(pooler.port);
    const findings = await inspect(url.href);
    expect(troubles(findings)).toEqual([expect.stringMatching(/^fail ledger session: .*transaction mode/)]);
    expect(findings.map(({ about }) => about)).toContain('ledger schema');
  } finally {
    await stop();
  }
});

onServer('an inspection that is broken off ends, with a finding (server Postgres)', async () => {
  await using role = await createRole(serverUrl, {});
  await (await openLedger({ kind: 'server', url: role.url })).close();
  const holder = new pg.Client({ connectionString: role.url });
  await holder.connect();
  try {
    // Whoever reads the table of steps waits for this.
    await holder.query('begin');
    await holder.query('lock table schema_migration in access exclusive mode');
    const stop = new AbortController();
    const ended = inspectLedger(
      { kind: 'server', url: role.url },
      { now: () => new Date(), stop: stop.signal },
    );
    const waiting = `select 1 from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'`;
    const watcher = new pg.Client({ connectionString: serverUrl });
    await watcher.connect();
    while ((await watcher.query(waiting, [role.name])).rowCount === 0);
    await watcher.end();
    stop.abort();
    expect(troubles((await ended).findings)).toEqual([
      expect.stringMatching(/^fail ledger: .*not available/),
    ]);
  } finally {
    await holder.end();
  }
});

test('an embedded ledger is looked at from outside: not made, not opened, also while another has it', async () => {
  const world = await embeddedEngine.create();
  if (world.address.kind !== 'embedded') throw new Error('not embedded');
  const { folder } = world.address;
  try {
    const none = join(world.folder, 'none');
    expect((await inspectLedgerFolder(none))[0]?.what).toBe(`embedded, made by the first run in ${none}`);
    expect(await readdir(world.folder)).toEqual(['ledger']);
    const before = await readdir(folder, { recursive: true });
    expect((await inspectLedgerFolder(folder))[0]?.what).toMatch(/; nobody has it open$/);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
    const ledger = await openLedger(world.address);
    expect((await inspectLedgerFolder(folder))[0]).toMatchObject({
      level: 'ok',
      what: expect.stringMatching(
        process.platform === 'linux' ? `process ${process.pid} has it open, which is well` : 'open',
      ) as unknown,
    });
    await ledger.close();
    // Without the system's table nobody knows, and nothing is claimed.
    const table = join(world.folder, randomBytes(4).toString('hex'));
    expect((await inspectLedgerFolder(folder, table))[0]?.what).toMatch(/nobody has it open$/);
    await writeFile(join(folder, 'pgdata', 'PG_VERSION'), '17\n');
    expect(troubles(await inspectLedgerFolder(folder))).toEqual([
      expect.stringMatching(/^fail ledger: .* is of engine 17, this program has 18/),
    ]);
    expect(await readFile(join(folder, 'pgdata', 'PG_VERSION'), 'utf8')).toBe('17\n');
  } finally {
    await world.remove();
  }
});
