import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import type { EncryptionConfiguration } from '../../config/provider/encryption-configuration.ts';
import { Secret } from '../../config/secret.ts';
import {
  parseClientKey,
  parseServerKey,
  type BodyEncryption,
} from '../../konaplate/encryption/encryption-keys.ts';
import type { ProviderAccess } from '../../run/run-environment.ts';
import { revealTransport } from '../transport-access.ts';

export interface OpenProvider {
  readonly access: ProviderAccess;
  close(): Promise<void>;
}

/**
 * The provider of a run: the real one's address, or the simulator in this process, its state beside the ledger.
 * `encryption` as `readEncryption` gave it.
 */
export async function openProvider(
  configuration: Configuration,
  encryption: BodyEncryption | null,
  cwd: string,
): Promise<OpenProvider> {
  const { provider, database } = configuration;
  if (provider.kind === 'sandbox') {
    const folder = database.kind === 'embedded' ? database.folder : join(cwd, '.kona-enroll');
    return await openSandbox(join(folder, 'sandbox-state.ndjson'));
  }
  const { baseUrl, timeZone, credentials, transport } = provider;
  return {
    access: {
      baseUrl,
      timeZone,
      encryption,
      aspId: credentials.aspId,
      accessKey: credentials.accessKey.reveal(),
      secretKey: credentials.secretKey.reveal(),
      transport: revealTransport(transport),
    },
    close: async () => await Promise.resolve(),
  };
}

/** Throws `provider_…`, without its value, for a key that can't be used; call it before anything is opened. */
export function readEncryption({ provider }: Configuration, now: Date): BodyEncryption | null {
  const given = provider.kind === 'konaplate' ? provider.encryption : null;
  return given === null ? null : parseKeys(given, now);
}

function parseKeys(given: EncryptionConfiguration, now: Date): BodyEncryption {
  const { cryptoKeyId, contentEncryption, serverPublicKey, clientPrivateKey } = given;
  return {
    cryptoKeyId,
    contentEncryption,
    serverKey: parseServerKey(serverPublicKey, now),
    clientKey: clientPrivateKey === null ? null : parseClientKey(clientPrivateKey.reveal()),
  };
}

async function openSandbox(statePath: string): Promise<OpenProvider> {
  const { startSandbox } = await import('../../sandbox/wire/server.ts');
  const { parseFixtures } = await import('../../sandbox/provider/fixtures.ts');
  const fixtures = parseFixtures(await readFile(bundledFixtures, 'utf8'));
  const sandbox = await startSandbox({ statePath, fixtures });
  const keys = await sandbox.encryptionKeys();
  const clientPrivateKey = new Secret(keys.clientPrivateKey);
  // In production form: encrypted bodies, and answers so.
  const encryption = parseKeys({ ...keys, clientPrivateKey, contentEncryption: 'A128GCM' }, new Date());
  return {
    access: { baseUrl: sandbox.baseUrl, timeZone: 'KST', encryption, ...sandbox.credentials },
    close: async () => {
      await sandbox.close();
    },
  };
}

/** The conditions of the sample list's cards. */
const bundledFixtures = new URL('../../../samples/sandbox-fixtures.yaml', import.meta.url);
