import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import type { ProviderAccess } from '../run/run-environment.ts';
import { revealTransport } from './transport-access.ts';

export interface OpenProvider {
  readonly access: ProviderAccess;
  close(): Promise<void>;
}

/** The provider of a run: the real one's address, or the simulator in this process, its state beside the ledger. */
export async function openProvider(configuration: Configuration, cwd: string): Promise<OpenProvider> {
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
      aspId: credentials.aspId,
      accessKey: credentials.accessKey.reveal(),
      secretKey: credentials.secretKey.reveal(),
      transport: revealTransport(transport),
    },
    close: async () => await Promise.resolve(),
  };
}

async function openSandbox(statePath: string): Promise<OpenProvider> {
  const { startSandbox } = await import('../sandbox/server.ts');
  const { parseFixtures } = await import('../sandbox/fixtures.ts');
  const fixtures = parseFixtures(await readFile(bundledFixtures, 'utf8'));
  const sandbox = await startSandbox({ statePath, fixtures });
  return {
    access: { baseUrl: sandbox.baseUrl, timeZone: 'KST', ...sandbox.credentials },
    close: async () => {
      await sandbox.close();
    },
  };
}

/** The conditions of the sample list's cards. */
const bundledFixtures = new URL('../../samples/sandbox-fixtures.yaml', import.meta.url);
