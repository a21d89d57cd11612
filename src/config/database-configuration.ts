import path from 'node:path';
import { refused, valid, type Checked } from './checked.ts';
import { placeOf, secretOf, type Environment } from './environment.ts';
import { Secret } from './secret.ts';

export type DatabaseConfiguration =
  | {
      readonly kind: 'server';
      readonly url: Secret;
      /** Where the URL was given: the flag, the environment, `.env`, or the file one of these names. */
      readonly from: string;
    }
  /** Absolute folder. */
  | { readonly kind: 'embedded'; readonly folder: string };

const DEFAULT_DATABASE = 'embedded:.kona-enroll/ledger';

/** Finds the ledger's place: the flag, else DATABASE_URL, else an embedded ledger in the working folder. */
export async function resolveDatabase(
  flag: string | null,
  environment: Environment,
): Promise<Checked<DatabaseConfiguration>> {
  const { cwd } = environment;
  if (flag !== null) return parseDatabaseUrl({ named: '--database-url', from: '--database-url' }, flag, cwd);
  const url = await secretOf(environment, 'DATABASE_URL');
  if (url.kind === 'refused') return url;
  const source = { named: 'DATABASE_URL', from: placeOf(environment, 'DATABASE_URL') };
  return parseDatabaseUrl(source, url.value ?? DEFAULT_DATABASE, cwd);
}

/** Parses the URL. `named` is its name in a refusal, `from` the place where it was given. */
export function parseDatabaseUrl(
  { named, from }: { readonly named: string; readonly from: string },
  url: string,
  cwd: string,
): Checked<DatabaseConfiguration> {
  const folder = /^embedded:(.*)$/s.exec(url)?.[1];
  if (folder !== undefined && folder.trim() !== '')
    return valid({ kind: 'embedded', folder: path.resolve(cwd, folder) });
  const isServer = /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url);
  if (isServer) return valid({ kind: 'server', url: new Secret(url), from });
  return refused(`${named}: expected a postgres:// URL, or embedded:FOLDER`);
}

/** Returns the whole URL, and its password in each spelling that either end may use. */
export function databaseSecrets(database: DatabaseConfiguration): readonly Secret[] {
  if (database.kind === 'embedded') return [];
  const { password, searchParams } = new URL(database.url.reveal());
  const passwords = [password, decoded(password), searchParams.get('password') ?? ''];
  return [database.url, ...passwords.filter((text) => text !== '').map((text) => new Secret(text))];
}

/** Returns a part of a URL percent-decoded, or unchanged where it can't be decoded. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
