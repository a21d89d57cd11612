import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { silentSignals } from '../../src/domain/run-signals.ts';
import { openEmbeddedLedger } from '../../src/ledger/engine/embedded-ledger.ts';
import type { OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { migrateLedger } from '../../src/ledger/engine/migrate.ts';
import { readMigrationSteps, type MigrationStep } from '../../src/ledger/engine/migration-steps.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { findRun, type RunRow } from '../../src/ledger/runs/run-table.ts';
import { proveRun } from '../../src/run/finish/prove-run.ts';
import { reportRun } from '../../src/run/finish/report-run.ts';

const folder = new URL('old-ledgers/', import.meta.url);

/** Rows of every table, as JSON, that the program of that schema version wrote: runs on one list, again, and a retry. */
const written = readdirSync(folder).map((name) => ({
  version: Number(/\d{4}/.exec(name)?.[0]),
  tables: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<
    string,
    readonly { id?: string }[]
  >,
}));

/** As programs of then brought a ledger to a version: without checksums. */
async function applyAsThen(ledger: Ledger, steps: readonly MigrationStep[]): Promise<void> {
  await ledger.query(
    `create table if not exists schema_migration (
       version integer primary key, name text not null, applied_at timestamptz not null default now())`,
  );
  for (const step of steps) {
    for (const statement of step.statements) await ledger.query(statement);
    await ledger.query('insert into schema_migration (version, name) values ($1, $2)', [
      step.version,
      step.name,
    ]);
  }
}

async function loadTables(ledger: Ledger, tables: Record<string, readonly object[]>): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    const columns = await ledger.query<{ name: string; identity: string }>(
      `select attname as name, attidentity as identity from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped`,
      [table],
    );
    const names = columns.map(({ name }) => name).join(', ');
    await ledger.query(
      `insert into ${table} (${names}) overriding system value
       select ${names} from jsonb_populate_recordset(null::${table}, $1::text::jsonb)`,
      [JSON.stringify(rows)],
    );
    for (const { name, identity } of columns) {
      if (identity === '') continue;
      await ledger.query(
        `select setval(pg_get_serial_sequence($1, $2), (select coalesce(max(${name}), 0) + 1 from ${table}), false)`,
        [table, name],
      );
    }
  }
}

/** A digest of each table's rows. The notes of which steps were applied, and when, are no rows of a run. */
async function digestTables(ledger: Ledger): Promise<Readonly<Record<string, string>>> {
  const tables = await ledger.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'schema_migration'`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await ledger.query<{ digest: string }>(
      `select count(*) || ' ' || md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) as digest from ${name} t`,
    );
    digests[name] = row?.digest ?? '';
  }
  return digests;
}

async function writeReport(ledger: OpenLedger, run: RunRow, reportsDirectory: string): Promise<void> {
  await reportRun(
    {
      ledger,
      address: { kind: 'embedded', folder: reportsDirectory },
      me: { user: 'tester', host: 'here', pid: process.pid },
      clock: systemClock,
      signals: silentSignals,
    },
    run,
    { reportsDirectory, language: null, movesAside: false, progress: () => undefined },
  );
}

test('a ledger of every schema, with the runs of that time, is opened, proved and reported without a false alarm', async () => {
  const steps = await readMigrationSteps();
  const place = await mkdtemp(join(tmpdir(), 'kona-old-'));
  const ledger = await openEmbeddedLedger(join(place, 'ledger'));
  try {
    let proved = 0;
    const digestsOf = new Map<number, Readonly<Record<string, string>>>();
    for (const { version } of steps.slice(0, -1)) {
      // The newest data that a program of this schema or an older one wrote; steps after it run over the data.
      const data = written.findLast((one) => one.version <= version);
      if (data === undefined) throw new Error(`no data for schema ${version}`);
      await ledger.query(`create schema of_${version}`);
      await ledger.query(`set search_path = of_${version}`);
      await applyAsThen(ledger, steps.slice(0, data.version));
      await loadTables(ledger, data.tables);
      await applyAsThen(ledger, steps.slice(data.version, version));

      const { applied } = await migrateLedger(ledger);
      expect(applied).toEqual(steps.slice(version).map(({ name }) => name));
      // Checksums that were not kept then are kept from the next step on.
      expect(await ledger.query('select version, checksum from schema_migration order by version')).toEqual(
        steps.map(({ version: number, checksum }) => ({ version: number, checksum })),
      );
      const digests = await digestTables(ledger);
      expect(digests['run']).toMatch(/^4 /);
      const known = digestsOf.get(data.version);
      // Rows that were proved and reported when these data had come from their own schema.
      expect({ version, digests }).toEqual({ version, digests: known ?? digests });
      if (known !== undefined) continue;
      digestsOf.set(data.version, digests);
      const reportsDirectory = join(place, `runs-${version}`);
      for (const { id = '' } of data.tables['run'] ?? []) {
        const run = await findRun(ledger, id);
        if (run === null) throw new Error(`schema ${version} has lost run ${id}`);
        await writeReport(ledger, run, reportsDirectory);
        const proof = await proveRun(ledger, run, { folder: null, reportsDirectory, host: 'here' });
        expect({ version, id, broken: proof?.totals.broken, problems: proof?.folder?.problems }).toEqual({
          version,
          id,
          broken: [],
          problems: [],
        });
        expect(proof).toMatchObject({ exitCode: 0, folder: { isRight: true } });
        proved += 1;
      }
    }
    expect(proved).toBe(written.length * 4);
  } finally {
    await ledger.close();
    await rm(place, { recursive: true, force: true });
  }
});

test('rejected rows that an older version staged keep their sentence and are told with it', async () => {
  const steps = await readMigrationSteps();
  const data = written.at(-1);
  if (data === undefined) throw new Error('no data');
  const place = await mkdtemp(join(tmpdir(), 'kona-old-'));
  const ledger = await openEmbeddedLedger(join(place, 'ledger'));
  try {
    await ledger.query('create schema of_then');
    await ledger.query('set search_path = of_then');
    await applyAsThen(ledger, steps.slice(0, data.version));
    await loadTables(ledger, data.tables);
    await migrateLedger(ledger);
    const rejected = await ledger.query<{ id: string; line: number; message: string; rejection: unknown }>(
      `select r.id, l.line, l.message, l.rejection from list_row l join run r on r.run_no = l.run_no
       where l.class = 'rejected' order by l.run_no, l.row_no`,
    );
    const then = (data.tables['list_row'] as readonly { class: string; message: string }[])
      .filter((row) => row.class === 'rejected')
      .map(({ message }) => message);
    expect(then.length).toBeGreaterThan(1);
    expect(rejected.map(({ message, rejection }) => [message, rejection])).toEqual(
      then.map((message) => [message, null]),
    );
    for (const { id, line, message } of rejected) {
      const run = await findRun(ledger, id);
      if (run === null) throw new Error(`run ${id} is lost`);
      await writeReport(ledger, run, place);
      const results = await readFile(join(place, id, 'results.csv'), 'utf8');
      expect(results).toContain(`,${line},rejected,`);
      expect(results).toContain(message.replaceAll('"', '""'));
    }
  } finally {
    await ledger.close();
    await rm(place, { recursive: true, force: true });
  }
});
