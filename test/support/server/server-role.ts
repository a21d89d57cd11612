import { randomBytes } from 'node:crypto';
import { runSql } from '../run-sql.ts';

/** A schema of a test's own, and a role with these settings that owns it unless it is said not to. */
export async function createRole(
  serverUrl: string,
  { settings = [], owns = true }: { settings?: readonly string[]; owns?: boolean },
) {
  const name = `r_${randomBytes(6).toString('hex')}`;
  await runSql(serverUrl, `create role ${name} login`);
  await runSql(serverUrl, owns ? `create schema ${name} authorization ${name}` : `create schema ${name}`);
  if (!owns) await runSql(serverUrl, `grant usage on schema ${name} to ${name}`);
  for (const setting of [`search_path = ${name}`, ...settings]) {
    await runSql(serverUrl, `alter role ${name} set ${setting}`);
  }
  const url = new URL(serverUrl);
  url.username = name;
  return {
    name,
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      await runSql(serverUrl, `drop schema if exists ${name} cascade`);
      await runSql(serverUrl, `drop owned by ${name}`);
      await runSql(serverUrl, `drop role ${name}`);
    },
  };
}
