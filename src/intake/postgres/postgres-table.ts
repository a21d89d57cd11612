import { findColumns, type WantedColumns } from '../header/list-columns.ts';
import { ListRefusedError, SourceQueryError } from '../list-errors.ts';
import type { ListRecord, ListTable, TableReading, TableTotals } from '../list-table.ts';
import { PostgresPages } from './postgres-pages.ts';
import { encodeRows } from './postgres-row-bytes.ts';
import {
  openSourceSession,
  type SourceAccess,
  type SourceField,
  type SourceSession,
} from './postgres-session.ts';
import { quoteTableName, selectOfTable } from './postgres-statement.ts';

export interface PostgresSource {
  /** A postgres:// URL with its password; never shown. */
  readonly url: string;
  /** Names the setting the URL comes from, for messages. */
  readonly urlFrom: string;
  /**
   * A SELECT, VALUES, TABLE or WITH statement, which gives the order of the rows. Exactly one of `query` and `table`
   * is set.
   */
  readonly query: string | null;
  /** `members` or `legacy.members`, in the upper and lower case of the database. */
  readonly table: string | null;
  /** Names of the two columns; null where a column is to be found by its usual names. */
  readonly columns: WantedColumns;
  /** Time limit for each statement, whether it opens the list or reads a page; at least 1. */
  readonly statementTimeoutMs: number;
}

interface Layout {
  readonly name: string;
  readonly fields: readonly SourceField[];
  readonly header: readonly string[];
}

const REAL = 700;
const DOUBLE_PRECISION = 701;

/**
 * Reads the columns of table $1 in their own order, and the position of each in the primary key; null outside the
 * key.
 */
const COLUMNS_OF_TABLE = `
  select a.attname, array_position(k.conkey, a.attnum)
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_constraint k on k.conrelid = a.attrelid and k.contype = 'p'
   where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
   order by a.attnum`;

/**
 * Asks the database for the list's columns and decides how its rows will be read; no row is read. No connection stays
 * open: `records` opens its own. Throws SourceUnavailableError, SourceQueryError or ListRefusedError.
 */
export async function openPostgresTable(source: PostgresSource): Promise<ListTable> {
  const access = accessOf(source);
  const session = await openSourceSession(access);
  try {
    const name = `${titleOf(source)} on ${session.place}`;
    const statement = source.query ?? (await statementOfTable(session, source, name));
    const fields = await session.declare(statement);
    const layout: Layout = { name, fields, header: fields.map((field) => field.name) };
    checkColumns(layout, source.columns);
    return {
      format: 'postgres',
      name,
      header: layout.header,
      sheets: null,
      cellName: () => null,
      records: (reading) => readRecords(access, statement, layout, reading),
    };
  } finally {
    await session.close();
  }
}

function accessOf({ url, urlFrom, statementTimeoutMs, query }: PostgresSource): SourceAccess {
  if (query?.includes('\0') === true) {
    // In the Postgres protocol a NUL would end the statement.
    throw new SourceQueryError('The query of list.postgres.query contains a NUL character; remove it.');
  }
  return { url, urlFrom, statementTimeoutMs, subject: query === null ? 'table' : 'query' };
}

function titleOf({ query, table }: PostgresSource): string {
  return query === null ? `table ${table ?? ''}` : 'query';
}

async function statementOfTable(
  session: SourceSession,
  { table, columns }: PostgresSource,
  name: string,
): Promise<string> {
  const quoted = quoteTableName(table ?? '');
  if (quoted === null) {
    const advice = 'write it as members, legacy.members or legacy."odd.name"';
    throw new SourceQueryError(`The name in list.postgres.table cannot be a table's name; ${advice}.`);
  }
  const { rows } = await session.ask(COLUMNS_OF_TABLE, [quoted]);
  const names = rows.map(([column = '']) => column);
  const found = findColumns(names, columns);
  if (found.kind === 'fault') throw new ListRefusedError({ ...found, file: name, line: null });
  const key = rows
    .filter(([, place]) => place !== '')
    .toSorted(([, one], [, other]) => Number(one) - Number(other))
    .map(([column = '']) => column);
  return selectOfTable({
    table: quoted,
    key,
    userId: names[found.userId] ?? '',
    par: names[found.par] ?? '',
  });
}

/** Refuses id columns of a binary floating-point type, which has lost the last digits of an id already. */
function checkColumns({ name, fields, header }: Layout, wanted: WantedColumns): void {
  const found = findColumns(header, wanted);
  if (found.kind === 'fault') throw new ListRefusedError({ ...found, file: name, line: null });
  for (const index of [found.userId, found.par]) {
    const field = fields[index];
    const type = field === undefined ? null : inexactType(field.typeId);
    if (field === undefined || type === null) continue;
    throw new ListRefusedError({
      reason: 'damaged',
      file: name,
      line: null,
      column: field.name,
      what: {
        en: `the column is of type ${type.name}, which holds ${type.digits} digits`,
        ko: `이 열의 자료형 ${type.name}은 ${type.digits}자리까지만 담습니다`,
      },
      advice: {
        en: 'read the id from the system it came from, as a column of type text, bigint or numeric',
        ko: '원래 시스템의 text, bigint, numeric 자료형 열에서 식별자를 읽어 주십시오',
      },
    });
  }
}

function inexactType(typeId: number): { readonly name: string; readonly digits: number } | null {
  if (typeId === DOUBLE_PRECISION) return { name: 'double precision', digits: 15 };
  if (typeId === REAL) return { name: 'real', digits: 6 };
  return null;
}

async function* readRecords(
  access: SourceAccess,
  statement: string,
  layout: Layout,
  reading: TableReading,
): AsyncGenerator<readonly ListRecord[], TableTotals> {
  const session = await openSourceSession(access, reading.signal);
  try {
    const fields = await session.declare(statement);
    if (!isAsOpened(fields, layout)) throw changed(layout);
    reading.onBytes(encodeRows([layout.header]));
    const pages = new PostgresPages(session, layout.name);
    for (;;) {
      const page = await pages.next();
      if (page.length === 0) return { records: pages.count, blankLines: 0 };
      reading.onBytes(encodeRows(page.map(({ cells }) => cells)));
      yield page;
      reading.signal?.throwIfAborted();
    }
  } finally {
    await session.close();
  }
}

function isAsOpened(fields: readonly SourceField[], layout: Layout): boolean {
  const isSame = (field: SourceField, index: number): boolean =>
    field.name === layout.fields[index]?.name && field.typeId === layout.fields[index].typeId;
  return fields.length === layout.fields.length && fields.every(isSame);
}

function changed({ name }: Layout): ListRefusedError {
  return new ListRefusedError({
    reason: 'changed',
    file: name,
    line: null,
    column: null,
    what: { en: 'its columns were changed after it was opened', ko: '연 뒤에 열이 바뀌었습니다' },
    advice: { en: 'start again', ko: '다시 시작해 주십시오' },
  });
}
