import { createCodedError } from './transport/coded-error.ts';
import type { BodyEncryption } from './encryption/encryption-keys.ts';

interface CheckedSettings {
  readonly baseUrl: string;
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly timeZone: string;
  readonly encryption: BodyEncryption | null;
  readonly timeoutMs: number;
  readonly connections: number;
}

/** A Node timer with a longer delay fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Any other character could break out of its header line. */
const ASP_ID = /^[\x21-\x7e]{15}$/;
const ACCESS_KEY = /^[\x21-\x7e]{40}$/;
const CRYPTO_KEY_ID = /^[\x21-\x7e]{32}$/;

/**
 * Throws for a setting with which no call could succeed. The error names the rule and never the value, because most
 * values are secrets. Lengths: register-api.txt.
 */
export function checkProviderSettings(settings: CheckedSettings): void {
  refuseUnless(
    ASP_ID.test(settings.aspId),
    'provider_asp_id',
    'the ASP id has exactly 15 characters, no blanks',
  );
  refuseUnless(
    ACCESS_KEY.test(settings.accessKey),
    'provider_access_key',
    'the access key has exactly 40 characters, no blanks',
  );
  refuseUnless(settings.secretKey !== '', 'provider_secret_key', 'the secret key must not be empty');
  refuseUnless(
    settings.encryption === null || CRYPTO_KEY_ID.test(settings.encryption.cryptoKeyId),
    'provider_crypto_key_id',
    'the crypto key id has exactly 32 characters, no blanks',
  );
  refuseUnless(
    settings.timeZone === 'KST' || settings.timeZone === 'UTC',
    'provider_time_zone',
    'the provider time zone is KST or UTC',
  );
  refuseUnless(
    settings.timeoutMs > 0 && settings.timeoutMs <= MAX_TIMER_MS,
    'provider_timeout',
    'the time-out must be above 0 and below 25 days',
  );
  refuseUnless(
    Number.isInteger(settings.connections) && settings.connections > 0,
    'provider_connections',
    'the number of connections must be a whole number above 0',
  );
}

export interface ProviderAddress {
  /** `https://host:port`, to which connections are opened. */
  readonly origin: string;
  /** Path of the base URL without a trailing slash; may be empty. */
  readonly basePath: string;
}

export function parseBaseUrl(baseUrl: string): ProviderAddress {
  const url = URL.parse(baseUrl);
  const isAddress =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username + url.password + url.search + url.hash === '';
  if (!isAddress) {
    throw createCodedError(
      'provider_base_url',
      'the base URL is http or https with host and path only: no user, password, query or fragment',
    );
  }
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') };
}

function refuseUnless(holds: boolean, code: string, rule: string): void {
  if (!holds) throw createCodedError(code, rule);
}
