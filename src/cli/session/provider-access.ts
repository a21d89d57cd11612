import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import { packageFile } from '../../config/package-files.ts';
import type { EncryptionConfiguration } from '../../config/provider/encryption-configuration.ts';
import type { TransportConfiguration } from '../../config/provider/transport-configuration.ts';
import {
  parseClientKey,
  parseServerKey,
  type BodyEncryption,
} from '../../konaplate/encryption/encryption-keys.ts';
import { fingerprintSetup } from '../../konaplate/setup-fingerprint.ts';
import type { TransportSettings } from '../../konaplate/transport/connector.ts';
import type { ProviderAccess } from '../../run/run-environment.ts';

export interface OpenProvider {
  readonly access: ProviderAccess;
  close(): Promise<void>;
}

/** The keys that encrypt bodies and decrypt answers. */
export type ProviderKeys = Pick<ProviderAccess, 'encryption' | 'inquiryEncryption' | 'answerKey'>;

/**
 * Opens the provider of a run: the real one's address, or the simulator in this process with its state beside the
 * ledger. `keys` comes from `readKeys`.
 */
export async function openProvider(
  configuration: Configuration,
  keys: ProviderKeys,
  cwd: string,
): Promise<OpenProvider> {
  const { provider, database, verify } = configuration;
  if (provider.kind === 'sandbox') {
    const folder = database.kind === 'embedded' ? database.folder : join(cwd, '.kona-enroll');
    return await openSandbox(join(folder, 'sandbox-state.ndjson'), verify.encryption !== 'off');
  }
  const { baseUrl, timeZone, credentials, correlationEcho, transport } = provider;
  const parts = {
    baseUrl,
    aspId: credentials.aspId,
    accessKey: credentials.accessKey.reveal(),
    secretKey: credentials.secretKey.reveal(),
  };
  const setup = await fingerprintSetup({ ...parts, ...keys });
  return {
    access: { ...parts, ...keys, timeZone, correlationEcho, transport: revealTransport(transport), setup },
    close: async () => await Promise.resolve(),
  };
}

/**
 * Reads the keys of a configuration; `plan` and every command that makes calls do so before they open anything.
 * Throws `provider_…`, without the value, for an unusable key. Our own key is not needed where nothing is encrypted,
 * so an unreadable one is ignored there.
 */
export function readKeys({ provider }: Pick<Configuration, 'provider'>, now: Date): ProviderKeys {
  if (provider.kind === 'sandbox') return { encryption: null, inquiryEncryption: null, answerKey: null };
  const { encryption, inquiryEncryption, answerKey } = provider;
  const given = encryption ?? inquiryEncryption;
  const parsed = given === null ? null : parseEncryption(given, now);
  return {
    encryption: encryption && parsed,
    inquiryEncryption: inquiryEncryption && parsed,
    answerKey: answerKey && readAnswerKey(answerKey.reveal(), given !== null),
  };
}

/** Returns one sentence for each doubt about usable keys, to be shown before the first call. */
export function doubtsOfKeys({ encryption, inquiryEncryption, answerKey }: ProviderKeys): readonly string[] {
  return answerKey !== null || (encryption ?? inquiryEncryption) === null ? [] : [ANSWERS_STAY_SHUT];
}

/** For a set-up that encrypts but has no key of its own. */
export const ANSWERS_STAY_SHUT =
  'KONA_CLIENT_PRIVATE_KEY is not set, so an answer that comes encrypted can not be opened, and its row will be ambiguous; set it unless the provider answers this project in plain';

function readAnswerKey(text: string, isNeeded: boolean): ProviderKeys['answerKey'] {
  try {
    return parseClientKey(text);
  } catch (error) {
    if (isNeeded) throw error;
    return null;
  }
}

function parseEncryption(given: EncryptionConfiguration, now: Date): BodyEncryption {
  const { cryptoKeyId, contentEncryption, serverPublicKey } = given;
  return { cryptoKeyId, contentEncryption, serverKey: parseServerKey(serverPublicKey, now) };
}

async function openSandbox(statePath: string, areInquiriesEncrypted: boolean): Promise<OpenProvider> {
  const { startSandbox } = await import('../../sandbox/wire/server.ts');
  const { parseFixtures } = await import('../../sandbox/provider/fixtures.ts');
  const fixtures = parseFixtures(await readFile(bundledFixtures, 'utf8'));
  const sandbox = await startSandbox({ statePath, fixtures });
  const keys = await sandbox.encryptionKeys();
  // As in production: bodies and answers are encrypted.
  const encryption = parseEncryption({ ...keys, contentEncryption: 'A128GCM' }, new Date());
  return {
    access: {
      baseUrl: sandbox.baseUrl,
      timeZone: 'KST',
      encryption,
      inquiryEncryption: areInquiriesEncrypted ? encryption : null,
      answerKey: parseClientKey(keys.clientPrivateKey),
      ...sandbox.credentials,
      // The simulator's port differs at every start, and everything else is its own: its set-up is always right.
      setup: 'sandbox',
    },
    close: async () => {
      await sandbox.close();
    },
  };
}

/** The conditions of the sample list's cards. */
const bundledFixtures = packageFile('samples/sandbox-fixtures.yaml');

/** Reveals secrets, only for the client. */
export function revealTransport({ proxy, tls }: TransportConfiguration): TransportSettings {
  const { ca, client } = tls;
  return {
    proxyUrl: proxy?.reveal() ?? null,
    ca,
    clientCertificate: client && { certificate: client.certificate, key: client.key.reveal() },
  };
}
