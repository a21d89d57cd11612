import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoingProvider extends AsyncDisposable {
  readonly baseUrl: string;
  readonly calls: () => number;
}

/**
 * A provider that repeats in its message all that it was sent: the body with the ids, and the access key; and
 * `more`, which stands for what a careless server might add. Answers a documented code (bad_data), and to a body with
 * `unheardOf` in it a code that no rule knows.
 */
export async function startEchoingProvider(more: string, unheardOf?: string): Promise<EchoingProvider> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    void readText(request).then((body) => {
      const key = String(request.headers['x-km-access-key']);
      const description = `Invalid input parameter. ${body} ${key} ${more}`;
      response.writeHead(400, { 'Content-Type': 'application/json' });
      const code = unheardOf !== undefined && body.includes(unheardOf) ? '009_123' : '001_003';
      response.end(JSON.stringify({ response: { code, description }, repeated: body }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
