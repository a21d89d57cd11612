import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to the database server that can be cut, or fall silent. */
export interface LedgerCable extends AsyncDisposable {
  /** The ledger's URL through the cable. */
  readonly databaseUrl: string;
  /** Resets every connection at once; a new one is refused until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Connections made from here on go to another server. */
  leadTo(databaseUrl: string): void;
  /** Passes no more bytes of the connections that hold a job's lock; they stay open, on the server's side for good. */
  silenceLocks(): void;
  /** The same for every connection, those still to come included. */
  silenceAll(): void;
  /** Connections made from here on are heard; those that fell silent stay so. */
  hear(): void;
}

interface Strand {
  readonly near: Socket;
  readonly far: Socket;
  holdsLock: boolean;
  isSilent: boolean;
}

export async function layCable(databaseUrl: string): Promise<LedgerCable> {
  let target = new URL(databaseUrl);
  const strands = new Set<Strand>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port === '' ? '5432' : target.port), target.hostname);
    const strand = lay({ near, far, holdsLock: false, isSilent });
    strands.add(strand);
    far.once('close', () => strands.delete(strand));
  });
  const port = await listen(server, 0);
  const through = new URL(databaseUrl);
  through.host = `127.0.0.1:${port}`;
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const { near, far } of strands) {
      near.resetAndDestroy();
      far.destroy();
    }
    await once(server, 'close');
  };
  const silence = (chosen: (strand: Strand) => boolean): void => {
    for (const strand of strands) strand.isSilent ||= chosen(strand);
  };
  return {
    databaseUrl: through.href,
    cut,
    mend: async () => {
      await listen(server, port);
    },
    leadTo: (otherUrl) => {
      target = new URL(otherUrl);
    },
    silenceLocks: () => {
      silence((strand) => strand.holdsLock);
    },
    silenceAll: () => {
      isSilent = true;
      silence(() => true);
    },
    hear: () => {
      isSilent = false;
    },
    [Symbol.asyncDispose]: cut,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function lay(strand: Strand): Strand {
  const { near, far } = strand;
  near.on('data', (bytes) => {
    strand.holdsLock ||= bytes.includes('pg_try_advisory_lock');
    if (!strand.isSilent) far.write(bytes);
  });
  far.on('data', (bytes) => {
    if (!strand.isSilent) near.write(bytes);
  });
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!strand.isSilent) to.destroy();
    });
  }
  return strand;
}
