import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { migrateLedger, splitStatements } from '../../src/ledger/engine/migrate.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { ledgerEngines, openTestLedger, serverEngine } from '../support/ledgers.ts';

/** Schema versions of this program. */
const versions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((version) => ({ version }));

const folder = new URL('../../migrations/', import.meta.url);

test('our migrations can be split at every semicolon', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const sql = await readFile(new URL(name, folder), 'utf8');
    const code = sql.replaceAll(/--.*$/gm, '');
    const literals = code.match(/'(?:[^']|'')*'/g) ?? [];
    expect(literals.filter((literal) => literal.includes(';'))).toEqual([]);
    expect(code).not.toContain('$$');
    for (const statement of splitStatements(sql))
      expect(statement).toMatch(/^(create|alter|insert|update|drop) /);
  }
});

test('a split statement keeps its text and loses its comments', () => {
  expect(splitStatements('-- one; two\ncreate table a (b int); -- c\n\ncreate index d on a (b);\n')).toEqual([
    'create table a (b int)',
    'create index d on a (b)',
  ]);
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
