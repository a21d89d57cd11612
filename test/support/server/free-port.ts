import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Nobody listens on it now; somebody else may take it before the caller does, who says so then and fails. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
