import pg from 'pg';

const PART = `"(?:[^"\\0]|"")+"|[^".\\0]+`;
const TABLE_NAME = new RegExp(`^(?:(?<schema>${PART})\\.)?(?<table>${PART})$`);

/** The columns to select: those that give the order of the rows, and those to read. */
export interface TableSelection {
  /** The table's name in SQL form, with its parts quoted. */
  readonly table: string;
  /** Primary key columns in key order; empty where the table has none. */
  readonly key: readonly string[];
  readonly userId: string;
  readonly par: string;
}

/**
 * Quotes a table name: `members`, `legacy.members` or, where a part has a dot or a quote in it, `legacy."odd.name"`.
 * Upper and lower case are kept. Returns null for anything but a name of one or two parts.
 */
export function quoteTableName(name: string): string | null {
  const parts = TABLE_NAME.exec(name)?.groups;
  const table = parts?.['table'];
  if (table === undefined) return null;
  const schema = parts?.['schema'];
  return [...(schema === undefined ? [] : [schema]), table].map(quotePart).join('.');
}

function quotePart(part: string): string {
  return part.startsWith('"') ? part : pg.escapeIdentifier(part);
}

/**
 * Selects the key first, so that every report shows it. Without a key the rows are ordered by the bytes of the
 * columns read; rows that are equal there are equal in everything we read.
 */
export function selectOfTable({ table, key, userId, par }: TableSelection): string {
  const columns = [...new Set([...key, userId, par])].map(pg.escapeIdentifier);
  const order =
    key.length > 0
      ? key.map(pg.escapeIdentifier)
      : [userId, par].map((name) => `${pg.escapeIdentifier(name)}::text collate "C"`);
  return `select ${columns.join(', ')} from ${table} order by ${order.join(', ')}`;
}
