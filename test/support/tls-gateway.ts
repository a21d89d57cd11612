import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

export interface TlsGateway extends AsyncDisposable {
  readonly port: number;
  /** Connections that were opened to it, whatever became of them. */
  connections(): number;
}

/** Takes TLS off and passes everything on to a plain server of this machine, as a provider's front does. */
export async function startTlsGateway(port: number, options: TlsOptions): Promise<TlsGateway> {
  const open = new Set<Socket>();
  let seen = 0;
  const server = createServer(options, (socket) => {
    const upstream = connect(port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
    socket.on('error', () => undefined);
    upstream.on('error', () => undefined);
  });
  server.on('connection', (socket: Socket) => {
    seen += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
