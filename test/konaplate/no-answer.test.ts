import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Reply } from '../../src/domain/outcome.ts';
import { createTestClient, register, withProvider } from './client-world.ts';
import { answerCode, type Step } from './scripted-provider.ts';

function refuse(): never {
  throw new Error('this signal must not come');
}

const truncated = 'HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{"response":{"code":"000_000"}}';

test.each<[string, Step, RegExp, number | null]>([
  ['reset after reading', (socket) => socket.resetAndDestroy(), /ECONNRESET|UND_ERR_SOCKET/, null],
  ['closed after reading', (socket) => socket.end(), /UND_ERR_SOCKET/, null],
  ['closed in the head', (socket) => socket.end('HTTP/1.1 200 O'), /./, null],
  ['closed in the body', (socket) => socket.end(truncated), /./, 200],
  ['reset in the body', (socket) => socket.write(truncated, () => socket.resetAndDestroy()), /./, 200],
  [
    'closed between chunks',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n'),
    /./,
    200,
  ],
  ['500, closed in the body', (socket) => socket.end(truncated.replace('200 OK', '500 No')), /./, 500],
  ['garbage', (socket) => socket.end('\u0001\u0002 not HTTP at all\r\n\r\n'), /HTTPParserError/, null],
  ['another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), /HTTPParserError/, null],
  [
    'an endless head',
    (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`),
    /./,
    null,
  ],
  [
    'two lengths',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'),
    /UND_ERR_RES_CONTENT_LENGTH_MISMATCH/,
    null,
  ],
  [
    'an upgrade nobody asked for',
    (socket) => socket.end('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    /./,
    null,
  ],
])('%s', async (_what, step, error, httpStatus) => {
  await withProvider([step], {}, async (client, provider) => {
    let left = 0;
    const sent = await register(client, { bytesLeft: () => (left += 1), answered: refuse });
    expect(sent.reply).toEqual<Reply>({
      kind: 'no_answer',
      httpStatus,
      error: expect.stringMatching(error) as string,
    });
    expect(sent.sentAt).not.toBeNull();
    expect(sent.bytesLeftMonotonic).not.toBeNull();
    expect(left).toBe(1);
    expect(provider.requests).toHaveLength(1);
  });
});

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

test.each<[string, Step, number | null]>([
  ['before the head', () => undefined, null],
  ['in the head', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-'), null],
  ['in the body', (socket) => socket.write(truncated), 200],
  ['after interim answers only', (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), null],
])('silence %s ends with the deadline', async (_what, step, httpStatus) => {
  await withProvider([step], { timeoutMs: 300 }, async (client, provider) => {
    const sent = await register(client);
    expect(sent.reply).toEqual({
      kind: 'no_answer',
      httpStatus,
      error: 'deadline: no answer within 300 ms',
    });
    expect(sent.latencyMs).toBeLessThan(1_000);
    await provider.drained();
  });
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
