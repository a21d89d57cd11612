import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { engineOn } from '../support/private-postgres.ts';
import { runProgram } from '../support/program.ts';
import { runSql } from '../support/run-sql.ts';
import { readPage } from '../support/readme.ts';
import { createRole } from '../support/server/server-role.ts';
import { failureOf } from './program-output.ts';

const onServer = serverEngine.missing ? test.skip : test;

async function setup(engine = serverEngine) {
  const ledger = await engine.create();
  const world = { cwd: ledger.folder, env: { DATABASE_URL: ledger.databaseUrl } };
  return { ledger, world, [Symbol.asyncDispose]: async () => await ledger.remove() };
}

onServer(
  'migrate makes the schema, says so, and the second time that there was nothing (server Postgres)',
  async () => {
    await using s = await setup();
    const first = await runProgram(['migrate', '--json'], s.world);
    const names = (await readdir('migrations')).filter((name) => name.endsWith('.sql')).toSorted();
    expect(JSON.parse(first.stdout)).toEqual({ applied: names, queue: 'made', moved: null, reader: null });
    const second = await runProgram(['migrate'], s.world);
    expect(second).toMatchObject({ exitCode: 0, stdout: 'The ledger’s schema is up to date.\n' });
  },
);

onServer('a reading role can read the views and no table, and writes nothing (server Postgres)', async () => {
  await using s = await setup();
  const url = s.ledger.databaseUrl;
  const role = `re"ader; drop ${randomBytes(6).toString('hex')}`;
  const quoted = pg.escapeIdentifier(role);
  await runSql(url, `create role ${quoted} login password 'x'`);
  try {
    const made = await runProgram(['migrate', '--reader', role, '--json'], s.world);
    expect(made).toMatchObject({ exitCode: 0 });
    expect((await runProgram(['migrate', '--reader', role], s.world)).stdout).toContain(
      `Role "${role}" can read enrollment_status, run_summary, open_breaks, and no table.`,
    );
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`set role ${quoted}`);
      expect((await client.query('select * from enrollment_status')).rows).toEqual([]);
      expect((await client.query('select * from run_summary')).rows).toEqual([]);
      const tables = [
        'run',
        'list_row',
        'enrollment',
        'attempt',
        'job',
        'resolution',
        'access_log',
        'schema_migration',
      ];
      for (const table of tables) {
        for (const sql of [`select * from ${table}`, `delete from ${table}`, `truncate ${table}`])
          await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
      const mayWrite = `select has_table_privilege(view, 'insert, update, delete, truncate, trigger') as may
                        from unnest(array['enrollment_status', 'run_summary', 'open_breaks']) view`;
      expect((await client.query(mayWrite)).rows).toEqual([{ may: false }, { may: false }, { may: false }]);
      await expect(client.query('create table mine (a integer)')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  } finally {
    await runSql(url, `drop owned by ${quoted}`);
    await runSql(url, `drop role ${quoted}`);
  }
});

onServer('a role the server does not have is refused, and so is everybody (server Postgres)', async () => {
  await using s = await setup();
  for (const role of ['nobody_of_this_name', 'public']) {
    const refused = await runProgram(['migrate', '--reader', role, '--json'], s.world);
    expect(failureOf(refused, 2)).toBe(
      `--reader: the server has no role "${role}"; create it first, with a right to log in`,
    );
  }
});

test('the embedded ledger has nobody to give rights to', async () => {
  await using s = await setup(embeddedEngine);
  expect(failureOf(await runProgram(['migrate', '--reader', 'x', '--json'], s.world), 2)).toMatch(
    /^--reader: the embedded ledger has only one user/,
  );
  const made = 'The ledger’s schema is up to date.\nMade the queue of `serve` (schema kona_queue).\n';
  expect((await runProgram(['migrate'], s.world)).stdout).toBe(made);
});

onServer(
  'the runner runs whole jobs without DDL, and is told of steps that only the owner may make (server Postgres)',
  async () => {
    const serverUrl = process.env['KONA_TEST_DATABASE_URL'] ?? '';
    await using owner = await createRole(serverUrl, {});
    await using runner = await createRole(serverUrl, {
      owns: false,
      settings: [`search_path = ${owner.name}`],
    });
    const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(3)}, answer: "001_003" }\n`);
    await using world = await createWorld({ engine: engineOn(owner.url), sandbox: { fixtures } });
    await world.writeList('list.csv', listOf(30));
    const asOwner = { ...world, env: { ...world.env, DATABASE_URL: owner.url } };
    const asRunner = { ...world, env: { ...world.env, DATABASE_URL: runner.url } };
    for (const _ of ['once', 'and twice, which changes nothing']) {
      const made = await runProgram(['migrate', '--runner', runner.name], asOwner);
      expect(made.stdout).toContain(`Role "${runner.name}" can do everything that runs do`);
    }
    const commands = [
      ['doctor', 'job.yaml'],
      ['plan', 'job.yaml'],
      ['run', 'job.yaml', '--limit', '20', '--quiet'],
      ['run', 'job.yaml', '--allow-failures'],
      ['status'],
      ['explain', userIdOf(1)],
      ['report'],
      ['report', '--verify'],
      ['reconcile', '--allow-failures'],
      ['reconcile', '--against', 'provider', '--allow-failures'],
      ['retry', '--class', 'enrolled'],
      ['resolve', userIdOf(3), '--note', 'its owner was told'],
      ['resolve', userIdOf(3), '--undo'],
      ['resolve', '--class', 'bad_data', '--note', 'its owner was told', '--yes'],
      ['access-log'],
      ['migrate'],
      ['purge', '--older-than', '1d', '--yes'],
    ];
    for (const command of commands) {
      const end = await runProgram(command, asRunner);
      const expected = command.includes('--limit') ? 6 : 0;
      expect({ command, exitCode: end.exitCode, stderr: end.stderr }).toMatchObject({ exitCode: expected });
    }
    const denied = [
      'create table mine (a integer)',
      'alter table run add column mine integer',
      'drop table attempt',
      'delete from schema_migration',
    ];
    for (const sql of denied) await expect(runSql(runner.url, sql)).rejects.toMatchObject({ code: '42501' });

    await runSql(owner.url, 'drop function refresh_list_statistics()');
    await runSql(
      owner.url,
      'delete from schema_migration where version = (select max(version) from schema_migration)',
    );
    const stale = await runProgram(['run', 'job.yaml', '--json'], asRunner);
    expect(failureOf(stale, 8)).toMatch(
      new RegExp(
        `lacks 1 step of this program, which its owner ${owner.name} may make .*kona-enroll migrate`,
      ),
    );
  },
);

onServer(
  'the roles of docs/operations.md are made by its own script, and the source reader only reads its table (server Postgres)',
  async () => {
    const serverUrl = process.env['KONA_TEST_DATABASE_URL'] ?? '';
    const [, script = ''] = readPage('docs/operations.md').blocks('sql');
    const name = `s_${randomBytes(6).toString('hex')}`;
    const sql = script.replaceAll('kona_source', name).replaceAll('public', name);
    await runSql(serverUrl, `create schema ${name}`);
    try {
      await runSql(serverUrl, `create table ${name}.legacy_members (user_id text, par text)`);
      await runSql(serverUrl, `create table ${name}.others (secret text)`);
      expect(sql.split(';').filter((statement) => statement.trim() !== '')).toHaveLength(4);
      await runSql(serverUrl, sql);
      const url = new URL(serverUrl);
      url.username = name;
      await runSql(url.href, `select * from ${name}.legacy_members`);
      const denied = [
        `select * from ${name}.others`,
        `insert into ${name}.legacy_members values ('1', '2')`,
        `create table ${name}.mine (a integer)`,
      ];
      for (const statement of denied) {
        await expect(runSql(url.href, statement)).rejects.toMatchObject({
          code: expect.stringMatching(/42501|25006/) as unknown,
        });
      }
    } finally {
      await runSql(serverUrl, `drop schema ${name} cascade`);
      await runSql(serverUrl, `drop owned by ${name}`);
      await runSql(serverUrl, `drop role ${name}`);
    }
  },
);
