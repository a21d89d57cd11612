import { databaseSecrets, type DatabaseConfiguration } from './database-configuration.ts';
import { secretOf, type Environment } from './environment.ts';
import { secretNames } from './environment-table.ts';
import { proxySecrets } from './provider/proxy-configuration.ts';
import { Secret } from './secret.ts';

/**
 * Collects every secret at hand. An unused secret that can't be read is no problem here, because there is nothing to
 * hide. `database`: null where its URL can't be used.
 */
export async function collectSecrets(
  environment: Environment,
  database: DatabaseConfiguration | null,
): Promise<readonly Secret[]> {
  const read = await Promise.all(secretNames.map((name) => secretOf(environment, name)));
  const values = read.flatMap((one) => (one.kind === 'valid' && one.value !== null ? [one.value] : []));
  const hidden = values.filter((value) => !value.startsWith('embedded:')).map((value) => new Secret(value));
  return [...hidden, ...(database === null ? [] : databaseSecrets(database)), ...proxySecrets(environment)];
}
