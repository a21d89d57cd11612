import { readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { migrateLedger } from '../../src/ledger/engine/migrate.ts';
import {
  findStepFault,
  readMigrationSteps,
  splitStatements,
} from '../../src/ledger/engine/migration-steps.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { ledgerEngines, openTestLedger, serverEngine } from '../support/ledgers.ts';

const folder = new URL('../../migrations/', import.meta.url);

/** Schema versions of this program: as many as there are files, without a gap. */
const versions = readdirSync(folder).map((_, index) => ({ version: index + 1 }));

test('our migrations can be split at every semicolon outside a function body', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const sql = await readFile(new URL(name, folder), 'utf8');
    const code = sql.replaceAll(/--.*$/gm, '');
    const literals = code.match(/'(?:[^']|'')*'/g) ?? [];
    expect(literals.filter((literal) => literal.includes(';'))).toEqual([]);
    // A function body begins and ends with it.
    expect((code.match(/\$\$/g)?.length ?? 0) % 2).toBe(0);
    for (const statement of splitStatements(sql))
      expect(statement).toMatch(/^(create|alter|insert|update|delete|drop|revoke) /);
  }
});

test('a split statement keeps its text and loses its comments', () => {
  expect(splitStatements('-- one; two\ncreate table a (b int); -- c\n\ncreate index d on a (b);\n')).toEqual([
    'create table a (b int)',
    'create index d on a (b)',
  ]);
  const body = 'create function f() returns trigger language plpgsql as $$ begin return old; end; $$';
  expect(splitStatements(`${body};\ncreate table a (b int);\n`)).toEqual([body, 'create table a (b int)']);
});

test('comments and line breaks of a step may change, and nothing else', async () => {
  const steps = await readMigrationSteps();
  expect(new Set(steps.map(({ checksum }) => checksum)).size).toBe(steps.length);
  expect(steps.every(({ checksum }) => /^[0-9a-f]{64}$/.test(checksum))).toBe(true);
});

test('a copy of the program that lacks a step says so', async () => {
  const steps = await readMigrationSteps();
  expect(findStepFault(steps, [])).toBeNull();
  expect(findStepFault(steps.toSpliced(2, 1), [])).toMatch(/no schema step 0003 .*: install it again/);
});

describe.each(ledgerEngines)('migrations ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('apply themselves once', async () => {
    await using setup = await openTestLedger(engine);
    expect(await migrateLedger(setup.ledger)).toEqual({ applied: [] });
    expect(await setup.ledger.query('select version from schema_migration order by version')).toEqual(
      versions,
    );
  });

  it('keep the checksum of each step', async () => {
    await using setup = await openTestLedger(engine);
    const steps = await readMigrationSteps();
    expect(await setup.ledger.query('select name, checksum from schema_migration order by version')).toEqual(
      steps.map(({ name, checksum }) => ({ name, checksum })),
    );
  });

  it.each([
    [
      'a step was left out',
      'delete from schema_migration where version = 3',
      /lacks schema step 0003 .*backup/,
    ],
    [
      'a step was applied in another form',
      `update schema_migration set checksum = repeat('0', 64) where version = 4`,
      /0004_allowance\.sql was applied to the ledger in another form .*Install the released program again/,
    ],
    [
      'a step without a checksum has another name',
      `update schema_migration set checksum = null, name = '0002_other.sql' where version = 2`,
      /0002_other\.sql was applied to the ledger in another form/,
    ],
  ])('refuse a ledger where %s, say what to do, and leave it as it is', async (_, damage, words) => {
    await using setup = await openTestLedger(engine);
    await setup.ledger.query(damage);
    const before = await setup.ledger.query('select * from schema_migration order by version');
    await expect(migrateLedger(setup.ledger)).rejects.toMatchObject({ code: 'LEDGER_UNUSABLE' });
    await expect(migrateLedger(setup.ledger)).rejects.toThrow(words);
    expect(await setup.ledger.query('select * from schema_migration order by version')).toEqual(before);
  });

  it('fill in checksums that were not kept', async () => {
    await using setup = await openTestLedger(engine);
    const steps = await readMigrationSteps();
    await setup.ledger.query('update schema_migration set checksum = null where version < 5');
    expect(await migrateLedger(setup.ledger)).toEqual({ applied: [] });
    expect(await setup.ledger.query('select checksum from schema_migration order by version')).toEqual(
      steps.map(({ checksum }) => ({ checksum })),
    );
  });

  it('refuse a ledger of a newer program, and leave it as it is', async () => {
    await using setup = await openTestLedger(engine);
    await setup.ledger.query(`insert into schema_migration (version, name) values (9999, 'later')`);
    await expect(migrateLedger(setup.ledger)).rejects.toMatchObject({ code: 'LEDGER_NEWER' });
    expect(await setup.ledger.query('select max(version) as version from schema_migration')).toEqual([
      { version: 9999 },
    ]);
  });
});

const onServer = serverEngine.missing ? test.skip : test;

onServer('several starters at once make one schema (server Postgres)', async () => {
  const world = await serverEngine.create();
  try {
    const ledgers = await Promise.all(Array.from({ length: 4 }, async () => await openLedger(world.address)));
    const rows = await Promise.all(
      ledgers.map(
        async (ledger) => await ledger.query('select version from schema_migration order by version'),
      ),
    );
    expect(rows).toEqual(Array.from({ length: 4 }, () => versions));
    for (const ledger of ledgers) await ledger.close();
  } finally {
    await world.remove();
  }
});
