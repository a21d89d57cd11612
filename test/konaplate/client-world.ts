import type { TlsOptions } from 'node:tls';
import { parsePar, type Par } from '../../src/domain/identity/par.ts';
import { parseUserId, type UserId } from '../../src/domain/identity/user-id.ts';
import {
  createProviderClient,
  type CallHooks,
  type ProviderClient,
  type ProviderClientOptions,
  type SentCall,
} from '../../src/konaplate/provider-client.ts';
import { startScriptedProvider, type ScriptedProvider, type Step } from './scripted-provider.ts';

export const instant = new Date('2026-11-23T00:15:01.123Z');

export const credentials = {
  aspId: '953365150000001',
  accessKey: 'f7a9d3c1b5e80246f7a9d3c1b5e80246f7a9d3c1',
  secretKey: '0f6a1c9e5b7d4e21-test-secret',
};

export function createTestClient(
  baseUrl: string,
  changes: Partial<ProviderClientOptions> = {},
): ProviderClient {
  return createProviderClient({
    ...credentials,
    baseUrl,
    timeZone: 'KST',
    encryption: null,
    answerKey: null,
    timeoutMs: 5_000,
    connections: 1,
    now: () => instant,
    ...changes,
  });
}

export function testUserId(digits: string): UserId {
  const userId = parseUserId(digits);
  if (typeof userId !== 'string') throw new Error(userId.fault);
  return userId;
}

export function testPar(text: string): Par {
  const par = parsePar(text);
  if (typeof par !== 'string') throw new Error(par.fault);
  return par;
}

/** Prepares and sends one registration. */
export async function register(client: ProviderClient, hooks?: CallHooks): Promise<SentCall> {
  const record = { userId: testUserId('1'), par: testPar('Q100000000000000000000000Z9') };
  return client.send(await client.prepareRegistration(record, 1), hooks);
}

/** A client before a scripted provider; both are gone afterwards, and the script must have been used up. */
export async function withProvider(
  steps: readonly Step[],
  changes: Partial<ProviderClientOptions>,
  body: (client: ProviderClient, provider: ScriptedProvider) => Promise<void>,
  tls: TlsOptions | null = null,
): Promise<void> {
  const provider = await startScriptedProvider(steps, tls);
  const client = createTestClient(`${provider.url}/open-api/`, changes);
  try {
    await body(client, provider);
  } finally {
    await client.close();
    await provider.stop();
  }
}
