import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbeddedLedger } from '../../src/ledger/engine/embedded-ledger.ts';
import { migrateLedger } from '../../src/ledger/engine/migrate.ts';
import { readMigrationSteps } from '../../src/ledger/engine/migration-steps.ts';
import { openLedgerTold } from '../../src/ledger/engine/open-ledger.ts';
import { unpackCluster, type ClusterIndex } from '../../src/ledger/engine/prepared-cluster.ts';
import type { Queryable } from '../../src/ledger/ledger-port.ts';
import { makePreparedCluster } from '../../tools/prepare-ledger.ts';

let work = '';
let prepared = '';
let names: readonly string[] = [];

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'kona-prepared-test-'));
  prepared = join(work, 'prepared.zst');
  await makePreparedCluster(prepared);
  names = (await readMigrationSteps()).map(({ name }) => name);
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

/** A copy of the prepared file with another index. */
async function withIndex(name: string, change: (index: ClusterIndex) => ClusterIndex): Promise<string> {
  const bytes = zstdDecompressSync(await readFile(prepared));
  const end = bytes.indexOf('\n');
  const index = change(JSON.parse(bytes.toString('utf8', 0, end)) as ClusterIndex);
  const file = join(work, name);
  const contents = [Buffer.from(`${JSON.stringify(index)}\n`), bytes.subarray(end + 1)];
  await writeFile(file, zstdCompressSync(Buffer.concat(contents)));
  return file;
}

/** All that makes a schema, as the engine tells it. */
async function schemaOf(ledger: Queryable): Promise<readonly object[]> {
  return await ledger.query(
    `select 'column' as kind, table_name::text as of, column_name::text as name,
       concat_ws(' ', data_type, is_nullable, column_default, is_identity, generation_expression) as text
     from information_schema.columns where table_schema = current_schema()
     union all select 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
     from pg_constraint where connamespace = current_schema()::regnamespace
     union all select 'index', tablename::text, indexname::text, indexdef from pg_indexes where schemaname = current_schema()
     union all select 'view', viewname::text, '', definition from pg_views where schemaname = current_schema()
     union all select 'step', version::text, name, checksum from schema_migration
     order by kind, of, name, text`,
  );
}

test('a ledger that is unpacked has the schema of one that was made step by step', async () => {
  const made = await openEmbeddedLedger(join(work, 'made'), join(work, 'nowhere'));
  expect(made.stepsMadeWith).toEqual([]);
  expect((await migrateLedger(made)).applied).toEqual(names);
  const unpacked = await openEmbeddedLedger(join(work, 'unpacked'), prepared);
  expect(unpacked.stepsMadeWith).toEqual(names);
  expect((await migrateLedger(unpacked)).applied).toEqual([]);
  const schema = await schemaOf(unpacked);
  expect(schema.length).toBeGreaterThan(100);
  expect(schema).toEqual(await schemaOf(made));
  await made.close();
  await unpacked.close();
});

test('it keeps what is written to it, and nobody else may look into its files', async () => {
  const folder = join(work, 'kept');
  const first = await openEmbeddedLedger(folder, prepared);
  await first.query(`insert into job (name) values ('kept')`);
  await first.close();
  const second = await openEmbeddedLedger(folder, prepared);
  expect(second.stepsMadeWith).toEqual([]);
  expect(await second.query('select name from job')).toEqual([{ name: 'kept' }]);
  await second.close();
  expect((await stat(join(folder, 'pgdata'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'pgdata/PG_VERSION'))).mode & 0o777).toBe(0o600);
});

test.each([
  ['steps that are not ours', (index: ClusterIndex) => ({ ...index, checksums: ['0'.repeat(64)] })],
  ['more steps than we have', (index: ClusterIndex) => ({ ...index, checksums: [...index.checksums, 'x'] })],
  ['another engine', (index: ClusterIndex) => ({ ...index, engine: '0.0.1' })],
  ['less content than it says', (index: ClusterIndex) => ({ ...index, files: index.files.slice(1) })],
])('a file with %s is left aside', async (what, change) => {
  const file = await withIndex(`${what}.zst`, change);
  expect(await unpackCluster(join(work, what), file)).toBeNull();
  expect(await readdir(work)).not.toContain(what);
});

test('one that is cut off is left aside', async () => {
  const file = join(work, 'cut.zst');
  await writeFile(file, (await readFile(prepared)).subarray(0, 100_000));
  expect(await unpackCluster(join(work, 'cut'), file)).toBeNull();
});

test('one whose steps are the first of ours is taken, and says which it has', async () => {
  const file = await withIndex('earlier.zst', (index) => ({
    ...index,
    checksums: index.checksums.slice(0, 3),
  }));
  expect(await unpackCluster(join(work, 'earlier'), file)).toEqual(names.slice(0, 3));
});

test('migrate names the steps of a new ledger, however it was made', async () => {
  const { ledger, applied } = await openLedgerTold({ kind: 'embedded', folder: join(work, 'told') });
  await ledger.close();
  expect(applied).toEqual(names);
});
