import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import pg from 'pg';
import type { ListRecord, ListTable, TableTotals } from '../../../src/intake/list-table.ts';
import { openPostgresTable, type PostgresSource } from '../../../src/intake/postgres/postgres-table.ts';
import { serverEngine } from '../../support/ledgers.ts';

/** The server of the tests asks for no password: it may stand in every URL, and must be in no error. */
export const PASSWORD = 'geheim-Wort-7';
export const byName = { userId: null, par: null } as const;

export interface SourceWorld extends AsyncDisposable {
  /** With a password, and with the world's schema as the search path. */
  readonly url: string;
  /** `host/database`, as sentences have it. */
  readonly place: string;
  readonly schema: string;
  /** Somebody else's connection. */
  readonly admin: pg.Client;
  /** `select_list` to be read, or what is given. */
  open(source: Partial<PostgresSource>): Promise<ListTable>;
}

/** A schema of the test's own in which the SQL was run. Whoever still reads a table of it lets it not go. */
export async function setup(sql = ''): Promise<SourceWorld> {
  const ledger = await serverEngine.create();
  const url = new URL(ledger.databaseUrl);
  url.password = PASSWORD;
  const admin = new pg.Client({ connectionString: ledger.databaseUrl });
  await admin.connect();
  await admin.query(sql);
  const schema = (url.searchParams.get('options') ?? '').replace('-c search_path=', '');
  return {
    url: url.href,
    place: `${url.hostname}${url.pathname}`,
    schema,
    admin,
    open: async (source) => await openPostgresTable(sourceOf(url.href, source)),
    [Symbol.asyncDispose]: async () => {
      await admin.end();
      await ledger.remove();
    },
  };
}

export function sourceOf(url: string, source: Partial<PostgresSource>): PostgresSource {
  return {
    url,
    urlFrom: 'SOURCE_URL in .env',
    query: null,
    table: null,
    columns: byName,
    statementTimeoutMs: 20_000,
    ...source,
  };
}

/** The world's URL with other settings of a session. */
export function withOptions(world: SourceWorld, options: string): string {
  const url = new URL(world.url);
  url.searchParams.set('options', `-c search_path=${world.schema} ${options}`);
  return url.href;
}

export interface WholeReading {
  readonly records: readonly ListRecord[];
  readonly cells: readonly (readonly string[])[];
  readonly sets: readonly number[];
  readonly totals: TableTotals;
  readonly sha256: string;
}

export async function readWhole(table: ListTable): Promise<WholeReading> {
  const hash = createHash('sha256');
  const reading = table.records({ onBytes: (chunk) => hash.update(chunk) });
  const records: ListRecord[] = [];
  const sets: number[] = [];
  for (;;) {
    const { value, done } = await reading.next();
    if (done === true) {
      const cells = records.map((record) => record.cells);
      return { records, cells, sets, totals: value, sha256: hash.digest('hex') };
    }
    records.push(...value);
    sets.push(value.length);
  }
}

/** A reading that is looked at set by set. */
export function startReading(table: ListTable, signal?: AbortSignal) {
  return table.records({ onBytes: () => undefined, signal });
}

/** What the promise rejects with. An error that shows the password, in whatever part of it, is no answer. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof Error)) throw new Error('It did not fail.');
  if (inspect(failure, { depth: 12, showHidden: true }).includes(PASSWORD))
    throw new Error('Password shown.');
  return failure;
}

/** Returns when nobody reads the table any more; until then the test waits. */
export async function waitUntilUnread(world: SourceWorld, table: string): Promise<void> {
  await world.admin.query(`begin; lock table ${table} in access exclusive mode; commit`);
}

/** SQLSTATE of an attempt at that lock at once: 55P03 while somebody reads the table; null when it is had. */
export async function tryLock(world: SourceWorld, table: string): Promise<string | null> {
  try {
    await world.admin.query(`begin; lock table ${table} in access exclusive mode nowait`);
    return null;
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? '') : String(error);
  } finally {
    await world.admin.query('rollback');
  }
}
