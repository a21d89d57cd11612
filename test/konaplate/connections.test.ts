import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createTestClient, register, withProvider } from './client-world.ts';
import { answerCode, type Step } from './scripted-provider.ts';

const ok = answerCode('200 OK', '000_000');

test('are kept and used again', async () => {
  await withProvider([ok, ok, ok], {}, async (client, provider) => {
    for (let call = 0; call < 3; call += 1) expect((await register(client)).reply.kind).toBe('answered');
    expect(provider.connections()).toBe(1);
  });
});

test('are at most as many as asked for; the others wait their turn', async () => {
  await withProvider(Array<Step>(6).fill(ok), { connections: 2 }, async (client, provider) => {
    const sent = await Promise.all(Array.from({ length: 6 }, () => register(client)));
    expect(sent.map(({ reply }) => reply.kind)).toEqual(Array<string>(6).fill('answered'));
    expect(provider.connections()).toBe(2);
  });
});

test('carry one call at a time', async () => {
  const order: string[] = [];
  const first = Promise.withResolvers<Socket>();
  await withProvider([first.resolve, ok], {}, async (client, provider) => {
    const calls = ['first', 'second'].map((name) =>
      register(client, {
        bytesLeft: () => order.push(`${name} left`),
        answered: () => order.push(`${name} answered`),
      }),
    );
    const socket = await first.promise;
    ok(socket, provider.requests[0] as never);
    await Promise.all(calls);
    expect(order).toEqual(['first left', 'first answered', 'second left', 'second answered']);
  });
});

test('an idle one the provider closed is replaced before the next call', async () => {
  const last: Step = (socket, request) => {
    ok(socket, request);
    socket.end();
  };
  await withProvider([last, ok], {}, async (client, provider) => {
    await register(client);
    await provider.drained();
    expect((await register(client)).reply.kind).toBe('answered');
    expect(provider.connections()).toBe(2);
  });
});

test('a kept one that breaks under the next call is not tried again by itself', async () => {
  await withProvider([ok, (socket) => socket.resetAndDestroy()], {}, async (client, provider) => {
    await register(client);
    expect((await register(client)).reply.kind).toBe('no_answer');
    expect(provider.requests).toHaveLength(2);
  });
});

test('after close none is left, and closing twice is fine', async () => {
  await withProvider([ok], {}, async (client, provider) => {
    await register(client);
    await Promise.all([client.close(), client.close()]);
    await provider.drained();
    expect(provider.connections()).toBe(1);
  });
});

test('close waits for a call in flight', async () => {
  const sockets: Socket[] = [];
  await withProvider([(socket) => sockets.push(socket)], {}, async (client, provider) => {
    const { promise: bytesLeft, resolve: left } = Promise.withResolvers<void>();
    const call = register(client, { bytesLeft: left });
    await bytesLeft;
    const closed = client.close();
    while (sockets.length === 0) await new Promise(setImmediate);
    for (const socket of sockets) ok(socket, provider.requests[0] as never);
    expect((await call).reply.kind).toBe('answered');
    await closed;
  });
});

test.each([
  ['sooner than the server announces', 3, 1],
  ['at once where it announces little', 2, 2],
])('an idle one is left %s', async (_what, seconds, connections) => {
  const leftByUs = Promise.withResolvers<void>();
  const server = createServer(
    { keepAliveTimeout: seconds * 1_000, keepAliveTimeoutBuffer: 0 },
    (_, response) => {
      response.setHeader('Content-Type', 'application/json').end('{"code":"000_000"}');
    },
  );
  let seen = 0;
  server.on('connection', (socket) => {
    seen += 1;
    // It comes before the server's own closing, which would be no `end` of the other side.
    socket.on('end', () => leftByUs.resolve());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createTestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const began = performance.now();
  for (const _ of [1, 2]) expect((await register(client)).reply.kind).toBe('answered');
  await leftByUs.promise;
  expect(seen).toBe(connections);
  expect(performance.now() - began).toBeLessThan(seconds * 1_000 - 500);
  await client.close();
  server.close();
  await once(server, 'close');
});
