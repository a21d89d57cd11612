import { z } from 'zod';
import { refused, valid, type Checked } from '../checked.ts';
import { variableOf, type Environment } from '../environment.ts';
import type { JobFile } from '../job-file/job-file-schema.ts';
import { providerSettings } from '../settings/provider-setting-table.ts';
import { keepSection, writtenShape, type KeptOf } from '../settings/setting.ts';
import { isThisMachine } from '../this-machine.ts';

/** The provider without its credentials, which may be kept and shown. */
export type ProviderSettings =
  | { readonly kind: 'sandbox' }
  /** `baseUrl` has no slash at its end. */
  | ({ readonly kind: 'konaplate' } & KeptOf<typeof providerSettings>);

const writtenProvider = z.strictObject(writtenShape(providerSettings));

/**
 * Resolves the provider that a job file names, with missing parts from the environment. There is no default provider.
 */
export function resolveProviderSettings(
  given: JobFile['provider'],
  environment: Environment,
): Checked<ProviderSettings> {
  const fromEnvironment = variableOf(environment, 'KONA_BASE_URL');
  if (given === 'sandbox') return valid({ kind: 'sandbox' });
  const address = given?.baseUrl ?? fromEnvironment;
  // So a job file that names the variable is rehearsed as it stands.
  if (address === 'sandbox') return valid({ kind: 'sandbox' });
  if (address === null) {
    return refused('no provider: give provider in the job file or KONA_BASE_URL, or write provider: sandbox');
  }
  const source = given?.baseUrl === undefined ? 'KONA_BASE_URL' : 'provider.baseUrl';
  const baseUrl = parseBaseUrl(source, address);
  const timeZone = given?.timeZone ?? variableOf(environment, 'KONA_TIME_ZONE') ?? 'KST';
  if (baseUrl.kind === 'refused') return baseUrl;
  if (timeZone !== 'KST' && timeZone !== 'UTC') return refused('KONA_TIME_ZONE: expected KST or UTC');
  const written = given ?? writtenProvider.parse({});
  const kept = keepSection(providerSettings, { ...written, baseUrl: baseUrl.value, timeZone });
  return valid({ kind: 'konaplate', ...kept });
}

/** Parses the provider's address. Never repeats it, because it may contain a password. */
export function parseBaseUrl(source: string, address: string): Checked<string> {
  if (!URL.canParse(address))
    return refused(`${source}: expected a URL such as https://host/path, or provider: sandbox`);
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refused(`${source}: expected an https:// URL`);
  if (url.username !== '' || url.password !== '')
    return refused(`${source}: no user or password may stand in it`);
  if (/[?#]/.test(address)) return refused(`${source}: no ? and no # may stand in it`);
  if (url.protocol === 'http:' && !isThisMachine(url.hostname)) {
    return refused(`${source}: http:// is allowed only for this machine; expected an https:// URL`);
  }
  return valid(url.href.replace(/\/+$/, ''));
}
