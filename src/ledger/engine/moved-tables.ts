import { LedgerError, type Queryable } from '../ledger-port.ts';

/** A table of the ledger; names are quoted where SQL wants it. */
export interface MovedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Every table with data of ours, each behind those its foreign keys point to. The steps of the schema are no data. */
export async function readMovedTables(on: Queryable): Promise<MovedTable[]> {
  const columns = await on.query<{ table: string; name: string; type: string }>(
    `select quote_ident(c.relname) as table, quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relkind = 'r' and c.relname <> 'schema_migration'
     order by c.relname, a.attnum`,
  );
  const keys = await on.query<{ child: string; parent: string }>(
    `select quote_ident(child.relname) as child, quote_ident(parent.relname) as parent
     from pg_constraint k
     join pg_class child on child.oid = k.conrelid
     join pg_class parent on parent.oid = k.confrelid
     join pg_namespace n on n.oid = child.relnamespace and n.nspname = current_schema()
     where k.contype = 'f' and k.conrelid <> k.confrelid`,
  );
  const byTable = Map.groupBy(columns, ({ table }) => table);
  return parentsFirst([...byTable.keys()], keys).map((name) => ({ name, columns: byTable.get(name) ?? [] }));
}

/** Rejects foreign keys that go round: no order of single tables satisfies them. */
export function parentsFirst(
  tables: readonly string[],
  keys: readonly { readonly child: string; readonly parent: string }[],
): string[] {
  const ordered = new Set<string>();
  while (ordered.size < tables.length) {
    const next = tables.filter(
      (table) =>
        !ordered.has(table) && keys.every(({ child, parent }) => child !== table || ordered.has(parent)),
    );
    if (next.length === 0)
      throw new LedgerError('LEDGER_UNUSABLE', 'the foreign keys of the ledger’s tables go round');
    for (const table of next) ordered.add(table);
  }
  return [...ordered];
}
