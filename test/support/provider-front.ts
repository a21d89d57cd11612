import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What stands before a provider and may fall: calls in flight are cut off, and later ones find nobody. */
export interface ProviderFront extends AsyncDisposable {
  /** The provider's address through it. */
  readonly baseUrl: string;
  /** Connections that found nobody. */
  readonly refused: () => number;
}

export interface ProviderFrontOptions {
  readonly baseUrl: string;
  /** Pieces of calls it passes on before it falls. */
  readonly fallsAfter: number;
  /** It falls no sooner than so many calls are in flight, all of which are cut off. */
  readonly whileInFlight: number;
  /** Connections that find nobody before it stands again. */
  readonly refuses: number;
}

export async function startProviderFront(options: ProviderFrontOptions): Promise<ProviderFront> {
  const target = new URL(options.baseUrl);
  const open = new Set<Socket>();
  const inFlight = new Set<Socket>();
  let passed = 0;
  let refused = 0;
  let hasFallen = false;
  const isDown = (): boolean => hasFallen && refused < options.refuses;
  const server = createServer((near) => {
    open.add(near);
    near.on('error', () => undefined);
    near.on('close', () => open.delete(near));
    if (isDown()) {
      refused += 1;
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    far.on('error', () => undefined);
    far.on('data', (bytes) => {
      inFlight.delete(near);
      near.write(bytes);
    });
    far.on('close', () => near.destroy());
    near.on('close', () => {
      inFlight.delete(near);
      far.destroy();
    });
    near.on('data', (bytes) => {
      far.write(bytes);
      inFlight.add(near);
      passed += 1;
      if (hasFallen || passed <= options.fallsAfter || inFlight.size < options.whileInFlight) return;
      hasFallen = true;
      for (const socket of open) socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(options.baseUrl);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl: through.href,
    refused: () => refused,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
