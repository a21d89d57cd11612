import { readdir, readFile } from 'node:fs/promises';
import { LedgerError, type Ledger, type Queryable } from '../ledger-port.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Any number that nobody else's advisory locks use; the same in every version of the program. */
const MIGRATION_LOCK = 5_662_310_417;

/**
 * Brings the ledger's schema up to this program's version, one transaction for all that is missing, under a lock
 * that makes a second starter wait. A database of a newer program is refused: forward only.
 */
export async function migrateLedger(ledger: Ledger): Promise<{ applied: readonly string[] }> {
  const migrations = await readMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  return await ledger.transaction(async (transaction) => {
    if (ledger.engine === 'server') {
      await transaction.query('select pg_advisory_xact_lock($1::bigint)', [String(MIGRATION_LOCK)]);
    }
    const version = await readVersion(transaction);
    if (version > newest) {
      throw new LedgerError(
        'LEDGER_NEWER',
        `the ledger has schema version ${version}, this program knows ${newest}: use the newer program`,
      );
    }
    const missing = migrations.filter((migration) => migration.version > version);
    for (const migration of missing) await applyMigration(transaction, migration);
    return { applied: missing.map((migration) => migration.name) };
  });
}

async function readMigrations(): Promise<Migration[]> {
  const folder = new URL('../../../migrations/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).toSorted();
  return await Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 4)),
      name,
      sql: await readFile(new URL(name, folder), 'utf8'),
    })),
  );
}

async function readVersion(transaction: Queryable): Promise<number> {
  await transaction.query(
    `create table if not exists schema_migration (
       version integer primary key, name text not null, applied_at timestamptz not null default now())`,
  );
  const rows = await transaction.query<{ version: number | null }>(
    'select max(version) as version from schema_migration',
  );
  return rows[0]?.version ?? 0;
}

/** Statement by statement: neither engine takes several in one prepared statement. */
async function applyMigration(transaction: Queryable, migration: Migration): Promise<void> {
  for (const statement of splitStatements(migration.sql)) await transaction.query(statement);
  await transaction.query('insert into schema_migration (version, name) values ($1, $2)', [
    migration.version,
    migration.name,
  ]);
}

/** Our migrations hold no semicolon inside a literal, a comment or a function body; a test reads them all. */
export function splitStatements(sql: string): string[] {
  return sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
