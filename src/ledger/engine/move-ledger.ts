import { LedgerError, onlyRow, type Ledger, type Queryable } from '../ledger-port.ts';
import { readMovedTables, type MovedTable } from './moved-tables.ts';

/** Rows copied at a time; each may hold a raw reply or a wide list row. */
const PAGE = 1_000;

export type LedgerMove =
  | { readonly kind: 'moved'; readonly rows: Readonly<Record<string, number>> }
  /** Nothing was written: this table of the target has rows already. */
  | { readonly kind: 'not_empty'; readonly table: string };

/**
 * Copies every row of one ledger into another that has the same schema and no rows: one transaction, so that all of it
 * comes over or nothing does. Values cross as Postgres writes them, and afterwards both sides are read again and
 * compared, row by row, before the commit. Rejects with LedgerError; the source is only read.
 */
export async function moveLedger(from: Ledger, to: Ledger): Promise<LedgerMove> {
  return await from.transaction(
    async (source) =>
      await to.transaction(async (target) => {
        await source.query(SETTINGS);
        await target.query(SETTINGS);
        const tables = await readMovedTables(source);
        await target.query(`lock table ${tables.map(({ name }) => name).join(', ')} in exclusive mode`);
        for (const table of tables) {
          if (await hasRows(target, table)) return { kind: 'not_empty', table: table.name };
        }
        const rows: Record<string, number> = {};
        for (const table of tables) {
          await copyTable(source, target, table);
          rows[table.name] = await assertSameRows(source, target, table);
        }
        await copySequences(source, target);
        // Make statistics, so that the first run does not plan with tables the server takes for empty.
        await target.query(`analyze ${tables.map(({ name }) => name).join(', ')}`);
        return { kind: 'moved', rows };
      }),
  );
}

/**
 * Sets the same text form of values on both sides, and no time limit, since a long table may exceed a role's usual one.
 */
const SETTINGS = `
select set_config(name, value, true) from (values
  ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), ('extra_float_digits', '1'),
  ('statement_timeout', '0')) as relied_on(name, value)`;

async function hasRows(on: Queryable, { name }: MovedTable): Promise<boolean> {
  const [row] = await on.query(`select 1 as found from ${name} limit 1`);
  return row !== undefined;
}

async function copyTable(source: Queryable, target: Queryable, table: MovedTable): Promise<void> {
  const { name, columns } = table;
  const texts = columns.map((column, at) => `${column.name}::text as c${at}`);
  const insert = insertOf(table);
  await source.query(`declare moved_rows no scroll cursor for select ${texts.join(', ')} from ${name}`);
  for (;;) {
    const page = await source.query<Record<string, string | null>>(`fetch ${PAGE} from moved_rows`);
    if (page.length === 0) break;
    await target.query(
      insert,
      columns.map((_, at) => page.map((row) => row[`c${at}`] ?? null)),
    );
  }
  await source.query('close moved_rows');
}

function insertOf({ name, columns }: MovedTable): string {
  const values = columns.map(({ type }, at) => `c${at}::${type}`);
  const arrays = columns.map((_, at) => `$${at + 1}::text[]`);
  const aliases = columns.map((_, at) => `c${at}`);
  return `insert into ${name} (${columns.map((column) => column.name).join(', ')}) overriding system value
          select ${values.join(', ')} from unnest(${arrays.join(', ')}) as moved(${aliases.join(', ')})`;
}

/** Returns how many rows both have. */
async function assertSameRows(source: Queryable, target: Queryable, table: MovedTable): Promise<number> {
  const [here, there] = [await fingerprintOf(source, table), await fingerprintOf(target, table)];
  if (here.rows !== there.rows || here.digest !== there.digest) {
    throw new LedgerError(
      'LEDGER_UNUSABLE',
      `table ${table.name} did not come over as it is: ${here.rows} rows there and ${there.rows} here, or another content. Nothing was kept`,
    );
  }
  return here.rows;
}

interface Fingerprint {
  readonly rows: number;
  /** SQL for a sum over the rows' hashes, which does not depend on their order. */
  readonly digest: string;
}

async function fingerprintOf(on: Queryable, { name, columns }: MovedTable): Promise<Fingerprint> {
  const row = `row(${columns.map((column) => column.name).join(', ')})`;
  return onlyRow(
    await on.query<Fingerprint>(
      `select count(*)::integer as rows,
              coalesce(sum(('x' || substr(md5(${row}::text), 1, 15))::bit(60)::bigint), 0)::text as digest from ${name}`,
    ),
  );
}

/** Moves the sequences on, so that numbers that were given once, such as a break's, are not given again. */
async function copySequences(source: Queryable, target: Queryable): Promise<void> {
  const sequences = await source.query<{ name: string; last: string }>(
    `select quote_ident(sequencename) as name, last_value::text as last from pg_sequences
     where schemaname = current_schema() and last_value is not null`,
  );
  await target.query(
    'select setval(name::regclass, last) from unnest($1::text[], $2::bigint[]) as moved(name, last)',
    [sequences.map(({ name }) => name), sequences.map(({ last }) => last)],
  );
}
