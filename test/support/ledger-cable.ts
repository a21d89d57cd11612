import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the database server that can be cut, or fall silent. */
export interface LedgerCable extends AsyncDisposable {
  /** The ledger's URL through the cable. */
  readonly databaseUrl: string;
  /** Ends every connection at once; there is no new one. */
  cut(): Promise<void>;
  /** Passes no more bytes of the connections that hold a job's lock; they stay open, on the server's side for good. */
  silenceLocks(): void;
  /** The same for every connection, those still to come included. */
  silenceAll(): void;
}

interface Strand {
  readonly near: Socket;
  readonly far: Socket;
  holdsLock: boolean;
  isSilent: boolean;
}

export async function layCable(databaseUrl: string): Promise<LedgerCable> {
  const target = new URL(databaseUrl);
  const strands: Strand[] = [];
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port === '' ? '5432' : target.port), target.hostname);
    strands.push(lay({ near, far, holdsLock: false, isSilent }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(databaseUrl);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const { near, far } of strands) {
      near.destroy();
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
    silenceLocks: () => {
      silence((strand) => strand.holdsLock);
    },
    silenceAll: () => {
      isSilent = true;
      silence(() => true);
    },
    [Symbol.asyncDispose]: cut,
  };
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
