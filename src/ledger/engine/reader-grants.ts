import { onlyRow, type Queryable } from '../ledger-port.ts';

/** What docs/sql.md promises, and all that a reading role is given. */
export const readableViews = ['enrollment_status', 'run_summary', 'open_breaks'] as const;

/** Whether the server has a role of exactly this name. */
export async function hasRole(on: Queryable, role: string): Promise<boolean> {
  const rows = await on.query('select 1 as found from pg_roles where rolname = $1', [role]);
  return rows.length > 0;
}

/**
 * Lets a role read the views, and the tables behind them only through these. Done twice it changes nothing. The
 * server quotes the names itself. Returns the statements, for a person to see.
 */
export async function grantReading(on: Queryable, role: string): Promise<readonly string[]> {
  const { statements } = onlyRow(
    await on.query<{ statements: string[] }>(
      `select array[
         format('grant usage on schema %I to %I', current_schema(), $1::text),
         format('grant select on %s to %I',
                (select string_agg(format('%I.%I', current_schema(), name), ', ' order by place)
                 from unnest($2::text[]) with ordinality as v(name, place)), $1::text)
       ] as statements`,
      [role, readableViews],
    ),
  );
  for (const statement of statements) await on.query(statement);
  return statements;
}
