import { problemsOf, refused, valid, type Checked } from '../checked.ts';
import {
  resolveAnswerKey,
  resolveEncryption,
  type EncryptionConfiguration,
} from './encryption-configuration.ts';
import { secretOf, type Environment } from '../environment.ts';
import { checkHeaderValue } from './header-value.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { Secret } from '../secret.ts';
import { resolveTransport, type TransportConfiguration } from './transport-configuration.ts';

export type ProviderConfiguration =
  | { readonly kind: 'sandbox' }
  | {
      readonly kind: 'konaplate';
      readonly name: string;
      readonly baseUrl: string;
      readonly timeZone: 'KST' | 'UTC';
      readonly correlationEcho: 'check' | 'ignore';
      readonly credentials: Credentials;
      /** Null: registrations are sent plain. */
      readonly encryption: EncryptionConfiguration | null;
      /** Null: plans inquiries are sent plain. */
      readonly inquiryEncryption: EncryptionConfiguration | null;
      /** The key that decrypts answers, whether or not our requests are encrypted; null: none can be decrypted. */
      readonly answerKey: Secret | null;
      readonly transport: TransportConfiguration;
    };

export interface Credentials {
  readonly aspId: string;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
}

/**
 * Resolves the provider with its credentials, and reports every one that is missing or malformed. `ofInquiries`:
 * encryption of the plans inquiry; null: the provider's own.
 */
export async function resolveProvider(
  settings: ProviderSettings,
  ofInquiries: 'required' | 'off' | null,
  environment: Environment,
): Promise<Checked<ProviderConfiguration>> {
  if (settings.kind === 'sandbox') return valid({ kind: 'sandbox' });
  const { baseUrl, timeZone, correlationEcho } = settings;
  const credentials = await readCredentials(environment);
  const isEncrypted = settings.encryption === 'required';
  const areInquiriesEncrypted = (ofInquiries ?? settings.encryption) === 'required';
  const isAnyEncrypted = isEncrypted || areInquiriesEncrypted;
  const encryption = isAnyEncrypted
    ? await resolveEncryption(settings.contentEncryption, environment)
    : valid(null);
  const answerKey = await resolveAnswerKey(isAnyEncrypted, environment);
  const transport = await resolveTransport(baseUrl, environment);
  if (
    credentials.kind === 'refused' ||
    encryption.kind === 'refused' ||
    answerKey.kind === 'refused' ||
    transport.kind === 'refused'
  ) {
    return refused(...problemsOf(credentials, encryption, answerKey, transport));
  }
  const name = settings.name ?? `${baseUrl.replace(/^https?:\/\//, '')} ${credentials.value.aspId}`;
  return valid({
    kind: 'konaplate',
    name,
    baseUrl,
    timeZone,
    correlationEcho,
    credentials: credentials.value,
    encryption: isEncrypted ? encryption.value : null,
    inquiryEncryption: areInquiriesEncrypted ? encryption.value : null,
    answerKey: answerKey.value,
    transport: transport.value,
  });
}

/** Returns the provider's name, which is part of every record's key (DESIGN section 2). */
export function providerNameOf(provider: ProviderConfiguration): string {
  return provider.kind === 'sandbox' ? 'sandbox' : provider.name;
}

async function readCredentials(environment: Environment): Promise<Checked<Credentials>> {
  const names = ['KONA_ASP_ID', 'KONA_ACCESS_KEY', 'KONA_SECRET_KEY'] as const;
  const [aspId, accessKey, secretKey] = await Promise.all([
    secretOf(environment, names[0]),
    secretOf(environment, names[1]),
    secretOf(environment, names[2]),
  ]);
  const missing = names.filter((_, index) => {
    const read = [aspId, accessKey, secretKey][index];
    return read?.kind === 'valid' && read.value === null;
  });
  const problems = [
    ...(missing.length > 0 ? [`not set: ${missing.join(', ')} (or the same with _FILE)`] : []),
    ...checkHeaderValue(names[0], aspId, 15),
    ...checkHeaderValue(names[1], accessKey, 40),
    ...(secretKey.kind === 'refused' ? secretKey.problems : []),
  ];
  if (problems.length > 0) return refused(...problems);
  return valid({
    aspId: textOf(aspId),
    accessKey: new Secret(textOf(accessKey)),
    secretKey: new Secret(textOf(secretKey)),
  });
}

function textOf(read: Checked<string | null>): string {
  return read.kind === 'valid' ? (read.value ?? '') : '';
}
