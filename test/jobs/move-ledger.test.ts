import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLedger, type LedgerAddress } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { runSql } from '../support/run-sql.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

const onServer = serverEngine.missing ? test.skip : test;

/** A folder with an embedded ledger that has some nights behind it, and an empty server ledger beside it. */
async function setup() {
  const fixtures = parseFixtures(
    `cards:\n  - { par: ${parOf(3)}, answer: "007_031" }\n  - { par: ${parOf(4)}, answer: "007_012" }\n`,
  );
  const world = await createWorld({ engine: embeddedEngine, sandbox: { fixtures } });
  const server = await serverEngine.create();
  const here = { cwd: world.cwd, env: world.env };
  const there = { cwd: world.cwd, env: { ...world.env, DATABASE_URL: server.databaseUrl } };
  return {
    world,
    server,
    here,
    there,
    move: async (...more: string[]): Promise<ProgramEnd> =>
      await runProgram(['migrate', '--from', world.ledger.databaseUrl, '--json', ...more], there),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await server.remove();
    },
  };
}

/** Of every table of a ledger how many rows it has and what they hold, as the database writes it. */
async function contentOf(address: LedgerAddress): Promise<Record<string, { rows: number; sha256: string }>> {
  const ledger = await openLedger(address);
  try {
    await ledger.query(`select set_config('TimeZone', 'UTC', false)`);
    const tables = await ledger.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'schema_migration'`,
    );
    const found: Record<string, { rows: number; sha256: string }> = {};
    for (const { name } of tables) {
      const rows = await ledger.query<{ row: string }>(`select t::text as row from ${name} t`);
      const texts = rows.map(({ row }) => row).toSorted();
      found[name] = {
        rows: texts.length,
        sha256: createHash('sha256').update(texts.join('\n')).digest('hex'),
      };
    }
    return found;
  } finally {
    await ledger.close();
  }
}

async function rowsOf<Row extends object>(address: LedgerAddress, sql: string): Promise<Row[]> {
  const ledger = await openLedger(address);
  try {
    return await ledger.query<Row>(sql);
  } finally {
    await ledger.close();
  }
}

onServer('everything comes over, and the run that was stopped goes on there (server Postgres)', async () => {
  await using s = await setup();
  await s.world.writeList('list.csv', listOf(1_200));
  const first = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--limit', '30'], s.here));
  expect(first).toMatchObject({ exitCode: 6 });
  const more = [
    ['resolve', userIdOf(3), '--note', 'the customer was told'],
    ['explain', userIdOf(4), '--show-ids', '--reason', 'a call from the desk'],
    ['retry', '--class', 'conflict,bad_data,action_required'],
    ['reconcile', '--against', 'provider', '--sample', '5', '--job-file', 'job.yaml'],
  ];
  for (const argv of more) {
    const end = await runProgram(argv, s.here);
    expect(end).not.toMatchObject({ exitCode: 2 });
  }
  const before = await contentOf(s.world.ledger.address);
  const filled = Object.values(before).filter(({ rows }) => rows > 0);
  expect(filled.length).toBeGreaterThanOrEqual(9);

  const moved = await s.move();
  expect(moved).toMatchObject({ exitCode: 0, stderr: '' });
  const document = JSON.parse(moved.stdout) as { applied: string[]; moved: { rows: Record<string, number> } };
  expect(document.applied).toHaveLength((await readdir('migrations')).length);
  expect(await contentOf(s.server.address)).toEqual(before);
  expect(document.moved.rows).toEqual(
    Object.fromEntries(Object.entries(before).map(([name, { rows }]) => [name, rows])),
  );
  // Ids are text of all their digits.
  expect(await rowsOf(s.server.address, 'select min(user_id) as least from enrollment')).toEqual([
    { least: userIdOf(1) },
  ]);

  const callsBefore = s.world.sandbox.calls().length;
  expect((await runProgram(['status', first.runId], s.there)).exitCode).toBe(0);
  const rest = summaryOf(await runProgram(['run', 'job.yaml', '--json'], s.there));
  const calls = s.world.sandbox.calls();
  expect(rest).toMatchObject({ runId: first.runId, state: 'complete', list: { rowsRead: 1_200 } });
  // A busy machine may have lost an answer.
  const { enrolled = 0, recovered = 0 } = classesOf(rest);
  expect(enrolled + recovered).toBe(1_198);
  // Nobody who was finished was called again.
  const earlier = new Set(calls.slice(0, callsBefore).map(({ userId }) => userId));
  const later = new Set(calls.slice(callsBefore).map(({ userId }) => userId));
  expect([earlier.size, later.size]).toEqual([30, 1_170]);
  expect([...later].filter((userId) => earlier.has(userId))).toEqual([]);
  // A place of its own among the correlation numbers, and none of them twice at the provider.
  const ids = calls.map(({ correlationId }) => correlationId);
  expect(new Set(ids).size).toBe(ids.length);
  const [place] = await rowsOf<{ origin: string }>(s.server.address, 'select origin from correlation_place');
  expect(place?.origin).not.toContain(s.world.ledger.folder);
});

onServer('numbers that were given once are not given again (server Postgres)', async () => {
  await using s = await setup();
  await s.world.writeList('list.csv', listOf(2));
  await runProgram(['run', 'job.yaml'], s.here);
  const ledger = await openLedger(s.world.ledger.address);
  // The newest is gone, as a purge leaves it; its number stays given.
  await ledger.query('delete from attempt where attempt_no = (select max(attempt_no) from attempt)');
  const last = await ledger.query<{ last: string }>(
    `select last_value::text as last from attempt_attempt_no_seq`,
  );
  await ledger.close();
  expect((await s.move()).exitCode).toBe(0);
  expect(
    await rowsOf(s.server.address, 'select last_value::text as last from attempt_attempt_no_seq'),
  ).toEqual(last);
});

onServer('a ledger that has rows already is refused, and nothing is changed (server Postgres)', async () => {
  await using s = await setup();
  await s.world.writeList('list.csv', listOf(2));
  await runProgram(['run', 'job.yaml'], s.here);
  expect((await s.move()).exitCode).toBe(0);
  const before = await contentOf(s.server.address);
  expect(failureOf(await s.move(), 2)).toMatch(
    /^--from: the target ledger must be empty, but its table \w+ has rows; .* Nothing was changed$/,
  );
  expect(await contentOf(s.server.address)).toEqual(before);
});

onServer('what does not come over as it is leaves nothing behind (server Postgres)', async () => {
  await using s = await setup();
  await s.world.writeList('list.csv', listOf(2));
  await runProgram(['run', 'job.yaml'], s.here);
  await runProgram(['migrate'], s.there);
  await runSql(
    s.server.databaseUrl,
    `create function meddle() returns trigger language plpgsql as
     $$ begin new.message := 'another'; return new; end $$;
     create trigger meddle before insert on enrollment for each row execute function meddle()`,
  );
  expect(failureOf(await s.move(), 8)).toMatch(
    /^table enrollment did not come over as it is: 2 rows there and 2 here, or another content\. Nothing was kept/,
  );
  const content = await contentOf(s.server.address);
  expect(Object.values(content).every(({ rows }) => rows === 0)).toBe(true);
});

onServer('a folder without a ledger, or one that is in use, is told (server Postgres)', async () => {
  await using s = await setup();
  const from = async (name: string): Promise<ProgramEnd> =>
    await runProgram(['migrate', '--from', name, '--json'], s.there);
  expect(failureOf(await from('embedded:nowhere'), 2)).toBe(
    `--from: there is no ledger in the folder ${join(s.world.cwd, 'nowhere')}`,
  );
  expect(await readdir(s.world.cwd)).not.toContain('nowhere');
  expect(failureOf(await from(s.server.databaseUrl), 2)).toMatch(
    /^--from: expected embedded:FOLDER; .*pg_dump/,
  );
  const open = await openLedger(s.world.ledger.address);
  try {
    expect(failureOf(await from(s.world.ledger.databaseUrl), 8)).toMatch(
      /^the embedded ledger .* is open in/,
    );
  } finally {
    await open.close();
  }
});

test('a ledger goes to a server only', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await writeFile(join(world.cwd, 'list.csv'), listOf(1));
  const other = { ...world, env: { ...world.env, DATABASE_URL: 'embedded:other' } };
  expect(
    failureOf(await runProgram(['migrate', '--from', world.ledger.databaseUrl, '--json'], other), 2),
  ).toBe('--from: the target ledger must be a server; name it in DATABASE_URL');
});
