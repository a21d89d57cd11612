import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLedger, type LedgerAddress, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createCorrelationNumbers } from '../../src/ledger/runs/correlation-numbers.ts';
import { embeddedEngine, ledgerEngines, openTestLedger, serverEngine } from '../support/ledgers.ts';
import { createPrivatePostgres, hasPrivatePostgres } from '../support/private-postgres.ts';
import { runSql } from '../support/run-sql.ts';

const BLOCK = 1_024;
const BLOCKS = 262_144;

/** The block a process that starts now on this ledger would count from. */
async function nextBlock(ledger: OpenLedger): Promise<number> {
  return Math.floor((await createCorrelationNumbers(ledger).next()) / BLOCK);
}

async function nextBlockAt(address: LedgerAddress): Promise<number> {
  const ledger = await openLedger(address);
  try {
    return await nextBlock(ledger);
  } finally {
    await ledger.close();
  }
}

/** How many blocks further `to` is than `from`, around the end of the numbers. */
function blocksFrom(from: number, to: number): number {
  return (to - from + BLOCKS) % BLOCKS;
}

describe.each(ledgerEngines)('correlation numbers on $name', (engine) => {
  const test = engine.missing ? it.skip : it;

  test('two ledgers count from different places', async () => {
    await using one = await openTestLedger(engine);
    await using two = await openTestLedger(engine);
    // Chance lets them be near each other once in some ten thousand times.
    expect(blocksFrom(await nextBlock(one.ledger), await nextBlock(two.ledger))).toBeGreaterThan(10);
  });

  test('the same ledger goes on where it was, also opened again', async () => {
    const world = await engine.create();
    onTestFinished(async () => {
      await world.remove();
    });
    const first = await nextBlockAt(world.address);
    expect(blocksFrom(first, await nextBlockAt(world.address))).toBe(1);
    expect(blocksFrom(first, await nextBlockAt(world.address))).toBe(2);
  });

  test('behind the last number comes the first', async () => {
    await using setup = await openTestLedger(engine);
    await nextBlock(setup.ledger);
    await setup.ledger.query(`update correlation_place set start_block = 262143`);
    await setup.ledger.query(`select setval('correlation_block', 262143)`);
    expect([await nextBlock(setup.ledger), await nextBlock(setup.ledger)]).toEqual([BLOCKS - 1, 0]);
  });

  test('two processes that find a copy at once count from one place', async () => {
    await using setup = await openTestLedger(engine);
    await nextBlock(setup.ledger);
    await setup.ledger.query(`update correlation_place set origin = 'elsewhere', start_block = 0`);
    const blocks = await Promise.all(Array.from({ length: 4 }, async () => await nextBlock(setup.ledger)));
    const [kept] = await setup.ledger.query<{ start_block: number }>(
      'select start_block from correlation_place',
    );
    const places = blocks.map((block) => blocksFrom(kept?.start_block ?? 0, block));
    expect(places.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    expect(kept?.start_block).not.toBe(0);
  });
});

it('a copied folder counts from another place than its original', async () => {
  const world = await embeddedEngine.create();
  const folder = await mkdtemp(join(tmpdir(), 'kona-copy-'));
  onTestFinished(async () => {
    await world.remove();
    await rm(folder, { recursive: true });
  });
  const first = await nextBlockAt(world.address);
  const copy: LedgerAddress = { kind: 'embedded', folder: join(folder, 'ledger') };
  if (world.address.kind !== 'embedded') throw new Error('expected an embedded ledger');
  await cp(world.address.folder, copy.folder, { recursive: true });
  expect(blocksFrom(first, await nextBlockAt(copy))).toBeGreaterThan(10);
  // The counter-test: the original goes on.
  expect(blocksFrom(first, await nextBlockAt(world.address))).toBe(1);
});

it.skipIf(serverEngine.missing)(
  'a database made from another counts from another place (server Postgres)',
  async () => {
    const url = new URL(process.env['KONA_TEST_DATABASE_URL'] ?? '');
    const names = ['kona_original', 'kona_copy'] as const;
    const [original, copy] = names.map((name): LedgerAddress => {
      const at = new URL(url);
      at.pathname = `/${name}`;
      return { kind: 'server', url: at.href };
    });
    if (original === undefined || copy === undefined) throw new Error('two addresses');
    for (const name of names) await runSql(url.href, `drop database if exists ${name}`);
    onTestFinished(async () => {
      for (const name of names) await runSql(url.href, `drop database if exists ${name}`);
    });
    await runSql(url.href, 'create database kona_original');
    const first = await nextBlockAt(original);
    await runSql(url.href, 'create database kona_copy template kona_original');
    expect(blocksFrom(first, await nextBlockAt(copy))).toBeGreaterThan(10);
    expect(blocksFrom(first, await nextBlockAt(original))).toBe(1);
  },
);

it.skipIf(!hasPrivatePostgres)('a promoted clone counts from another place (server Postgres)', async () => {
  await using server = await createPrivatePostgres();
  const first = await nextBlockAt({ kind: 'server', url: server.databaseUrl });
  await using clone = await server.addStandby();
  const second = await nextBlockAt({ kind: 'server', url: server.databaseUrl });
  expect(blocksFrom(first, second)).toBe(1);
  clone.promote();
  expect(blocksFrom(second, await nextBlockAt({ kind: 'server', url: clone.databaseUrl }))).toBeGreaterThan(
    10,
  );
});
