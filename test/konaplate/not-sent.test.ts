import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { SentCall } from '../../src/konaplate/provider-client.ts';
import { createTestClient, register } from './client-world.ts';

async function callOnce(baseUrl: string, timeoutMs = 5_000): Promise<SentCall> {
  const client = createTestClient(baseUrl, { timeoutMs });
  try {
    return await register(client, { bytesLeft: refuse, answered: refuse });
  } finally {
    await client.close();
  }
}

function refuse(): never {
  throw new Error('this signal must not come');
}

async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The error's words, once everything else of the call says that nothing left. */
function faultOfUnsent(sent: SentCall): string {
  const { reply, sentAt, bytesLeftMonotonic, serverDate } = sent;
  const nothingLeft = sentAt === null && bytesLeftMonotonic === null && serverDate === null;
  return reply.kind === 'not_sent' && nothingLeft ? reply.error : 'it may have been sent';
}

test('refused', async () => {
  const server = await listen(() => undefined);
  await server.stop();
  expect(faultOfUnsent(await callOnce(`http://127.0.0.1:${server.port}`))).toMatch(
    /^connect ECONNREFUSED 127/,
  );
});

test('refused on every address of a name', async () => {
  const server = await listen(() => undefined);
  await server.stop();
  expect(faultOfUnsent(await callOnce(`http://localhost:${server.port}`))).toMatch(/ECONNREFUSED/);
});

test('no such host', async () => {
  expect(faultOfUnsent(await callOnce('http://konaplate.invalid'))).toMatch(/ENOTFOUND|EAI_AGAIN/);
});

test('TLS before a server that speaks none', async () => {
  const server = await listen((socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  expect(faultOfUnsent(await callOnce(`https://127.0.0.1:${server.port}`))).toMatch(/SSL|TLS|EPROTO/i);
  await server.stop();
});

test('TLS that breaks off in its handshake', async () => {
  const server = await listen((socket) => socket.on('data', () => socket.destroy()));
  expect(faultOfUnsent(await callOnce(`https://127.0.0.1:${server.port}`))).toMatch(/ECONNRESET|secure/);
  await server.stop();
});

test('a connection that never stands', async () => {
  const server = await listen((socket) => socket.resume());
  const sent = await callOnce(`https://127.0.0.1:${server.port}`, 100);
  expect(faultOfUnsent(sent)).toMatch(/^(deadline: no connection within 100 ms|UND_ERR_CONNECT_TIMEOUT: )/);
  await server.stop();
});

test('a client that was closed', async () => {
  const client = createTestClient('http://127.0.0.1:9');
  await client.close();
  expect(faultOfUnsent(await register(client))).toMatch(/UND_ERR_(CLOSED|DESTROYED)/);
});
