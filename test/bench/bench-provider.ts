import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sandboxCredentials } from '../../src/sandbox/provider/credentials.ts';
import { clientSideOf, createSandboxKeyPairs } from '../../src/sandbox/provider/key-pairs.ts';

export interface BenchProvider extends AsyncDisposable {
  /** What makes a program its client; it answers in plain, whether it was asked so or not. */
  readonly env: Readonly<Record<string, string>>;
  /** When requests arrived since this was asked last, in milliseconds of the server's own clock. */
  takeArrivals(): Promise<readonly number[]>;
}

/** The success server, running; `faultShare` of its answers are 500 instead. */
export async function startBenchProvider(faultShare = 0): Promise<BenchProvider> {
  const child = fork(fileURLToPath(new URL('success-server.ts', import.meta.url)), [String(faultShare)]);
  const [port] = (await once(child, 'message')) as [number];
  const keys = clientSideOf(await createSandboxKeyPairs());
  return {
    env: {
      KONA_BASE_URL: `http://127.0.0.1:${port}`,
      KONA_ASP_ID: sandboxCredentials.aspId,
      KONA_ACCESS_KEY: sandboxCredentials.accessKey,
      KONA_SECRET_KEY: sandboxCredentials.secretKey,
      KONA_CRYPTO_KEY_ID: keys.cryptoKeyId,
      KONA_SERVER_PUBLIC_KEY: keys.serverPublicKey,
      KONA_CLIENT_PRIVATE_KEY: keys.clientPrivateKey,
    },
    takeArrivals: async () => {
      child.send('arrivals');
      const [arrivals] = (await once(child, 'message')) as [readonly number[]];
      return arrivals;
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
