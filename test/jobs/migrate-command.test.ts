import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { runSql } from '../support/run-sql.ts';
import { failureOf } from './program-output.ts';

vi.setConfig({ testTimeout: 1_200_000 });

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
    expect(JSON.parse(first.stdout)).toEqual({ applied: names, moved: null, reader: null });
    const second = await runProgram(['migrate'], s.world);
    expect(second).toMatchObject({ exitCode: 0, stdout: 'The ledger’s schema is up to date.\n' });
  },
);

onServer('a reading role can read the views and no table, whatever its name (server Postgres)', async () => {
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
        await expect(client.query(`select * from ${table}`)).rejects.toMatchObject({ code: '42501' });
      }
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
    /^--reader: the embedded ledger has one user/,
  );
  expect((await runProgram(['migrate'], s.world)).stdout).toBe('The ledger’s schema is up to date.\n');
});
