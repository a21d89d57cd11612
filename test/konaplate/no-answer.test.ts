import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createTestClient, register, withProvider } from './client-world.ts';
import { answerCode, type Step } from './scripted-provider.ts';

const resets: Step = (socket) => socket.resetAndDestroy();

test('reset before the provider read a byte: nobody can tell', async () => {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createTestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const accepted = once(server, 'connection');
  const { promise: bytesLeft, resolve: left } = Promise.withResolvers<void>();
  const call = register(client, { bytesLeft: left });
  await Promise.all([accepted, bytesLeft]);
  for (const socket of sockets) socket.resetAndDestroy();
  expect((await call).reply).toMatchObject({ kind: 'no_answer', httpStatus: null });
  await client.close();
  server.close();
  await once(server, 'close');
});

test('after the deadline of one call the next gets a connection of its own, and the late answer hurts nobody', async () => {
  const sockets: Socket[] = [];
  const late: Step = (socket) => sockets.push(socket);
  const steps = [late, answerCode('400 Bad Request', '007_017')];
  await withProvider(steps, { timeoutMs: 400 }, async (client, provider) => {
    expect((await register(client)).reply.kind).toBe('no_answer');
    for (const socket of sockets) answerCode('200 OK', '000_000')(socket, provider.requests[0] as never);
    expect((await register(client)).reply).toMatchObject({ kind: 'answered', code: '007_017' });
    expect(provider.requests.map((request) => request.connection)).toEqual([1, 2]);
  });
});

test('a call that is given up says on which kind of connection it waited', async () => {
  const silent: Step = () => undefined;
  const half: Step = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{');
  const ok = answerCode('200 OK', '000_000');
  await withProvider([silent, ok, silent, half, resets], { timeoutMs: 300 }, async (client) => {
    const waited: unknown[] = [];
    for (let call = 1; call <= 5; call += 1) {
      let connection = 'new';
      const { reply, waitedOn } = await register(client, { onKeptConnection: () => (connection = 'kept') });
      waited.push([connection, reply.kind, waitedOn]);
    }
    expect(waited).toEqual([
      ['new', 'no_answer', 'new_connection'],
      ['new', 'answered', null],
      ['kept', 'no_answer', 'kept_connection'],
      ['new', 'no_answer', null],
      ['new', 'no_answer', null],
    ]);
  });
});

/** Answers at once, on a thread of its own, and says through shared memory that it has. */
const answeringThread = `
const { workerData, parentPort } = require('node:worker_threads');
const flag = new Int32Array(workerData);
const server = require('node:net').createServer((socket) => socket.on('error', () => {}).on('data', () => {
  socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 28\\r\\n\\r\\n{"code":"000_000","m":"123"}', () => {
    Atomics.store(flag, 0, 1); Atomics.notify(flag, 0);
  });
}));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('an answer that came in time is read even if this thread was busy beyond the deadline', async () => {
  const shared = new SharedArrayBuffer(4);
  const flag = new Int32Array(shared);
  const worker = new Worker(answeringThread, { eval: true, workerData: shared });
  const [port] = (await once(worker, 'message')) as [number];
  const client = createTestClient(`http://127.0.0.1:${port}`, { timeoutMs: 500 });
  const sent = await register(client, {
    bytesLeft: () => {
      Atomics.wait(flag, 0, 0, 5_000);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    },
  });
  expect(sent.reply).toMatchObject({ kind: 'answered', code: '000_000' });
  await client.close();
  await worker.terminate();
});
