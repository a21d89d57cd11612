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

/** Lets a role work with the queue in this schema, and alter nothing of it. Done twice it changes nothing. */
export async function grantQueue(on: Queryable, role: string, schema: string): Promise<readonly string[]> {
  const { statements } = onlyRow(
    await on.query<{ statements: string[] }>(
      `select array(
         select format(statement, $1::text, $2::text) from unnest(array[
           'grant usage on schema %1$I to %2$I',
           'grant select, insert, update, delete on all tables in schema %1$I to %2$I',
           'grant execute on all functions in schema %1$I to %2$I',
           'alter default privileges in schema %1$I grant select, insert, update, delete on tables to %2$I',
           'alter default privileges in schema %1$I grant execute on functions to %2$I'
         ]) with ordinality as given(statement, number) order by number
       ) as statements`,
      [schema, role],
    ),
  );
  for (const statement of statements) await on.query(statement);
  return statements;
}

/**
 * Gives a role all that a run does, in this ledger and in what later steps of its owner add, and nothing that makes,
 * alters or drops. Done twice it changes nothing. To be called by the owner. Returns the statements.
 */
export async function grantRunning(on: Queryable, role: string): Promise<readonly string[]> {
  const { statements } = onlyRow(
    await on.query<{ statements: string[] }>(
      `select array(
         select format(statement, current_schema(), $1::text) from unnest(array[
           'revoke create on schema %1$I from %2$I',
           'grant usage on schema %1$I to %2$I',
           'grant select, insert, update, delete on all tables in schema %1$I to %2$I',
           'revoke insert, update, delete on table %1$I.schema_migration from %2$I',
           'grant usage, select, update on all sequences in schema %1$I to %2$I',
           'grant execute on function %1$I.refresh_list_statistics() to %2$I',
           'alter default privileges in schema %1$I grant select, insert, update, delete on tables to %2$I',
           'alter default privileges in schema %1$I grant usage, select, update on sequences to %2$I'
         ]) with ordinality as given(statement, number) order by number
       ) as statements`,
      [role],
    ),
  );
  for (const statement of statements) await on.query(statement);
  return statements;
}
