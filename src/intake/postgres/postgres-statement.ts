import pg from 'pg';

const PART = `"(?:[^"\\0]|"")+"|[^".\\0]+`;
const TABLE_NAME = new RegExp(`^(?:(?<schema>${PART})\\.)?(?<table>${PART})$`);

/** Columns to select: a place in the order of the rows, and what is read of them. */
export interface TableSelection {
  /** A table's name as SQL takes it, its parts quoted. */
  readonly table: string;
  /** Primary key columns in key order; empty where there is none. */
  readonly key: readonly string[];
  readonly userId: string;
  readonly par: string;
}

/**
 * `members`, `legacy.members` or, for a name with a dot or a quote in it, `legacy."odd.name"`; each part quoted, with its
 * letters as they are written. Null where it is no name of one or two parts.
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
 * Key first, so that it stands in every report. Without a key the order is that of the bytes of what is read: rows that
 * are alike in it are alike as a whole.
 */
export function selectOfTable({ table, key, userId, par }: TableSelection): string {
  const columns = [...new Set([...key, userId, par])].map(pg.escapeIdentifier);
  const order =
    key.length > 0
      ? key.map(pg.escapeIdentifier)
      : [userId, par].map((name) => `${pg.escapeIdentifier(name)}::text collate "C"`);
  return `select ${columns.join(', ')} from ${table} order by ${order.join(', ')}`;
}
