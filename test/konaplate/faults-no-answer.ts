import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { startConnectProxy, tunnelTo } from '../support/connect-proxy.ts';
import { issue, provider, trusting, type Fault, type FaultWorld } from './fault.ts';
import { startScriptedProvider, type Step } from './scripted-provider.ts';

/** A whole fault, with the status that was read before it. */
export interface AnswerFault extends Fault {
  readonly httpStatus: number | null;
}

function answering(text: string | Buffer): Step {
  return (socket) => socket.end(text);
}

const head = 'HTTP/1.1 200 OK\r\n';
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
const truncated = `${head}Content-Length: 60\r\n\r\n{"response":{"code":"000_000"}}`;

const broken: readonly AnswerFault[] = [
  {
    what: 'reset after reading',
    codes: ['ECONNRESET'],
    httpStatus: null,
    open: provider((socket) => socket.resetAndDestroy()),
  },
  {
    what: 'closed after reading',
    codes: ['UND_ERR_SOCKET'],
    httpStatus: null,
    open: provider((socket) => socket.end()),
  },
  {
    what: 'closed in the head',
    codes: ['UND_ERR_SOCKET'],
    httpStatus: null,
    open: provider(answering('HTTP/1.1 200 O')),
  },
  {
    what: 'closed in the body',
    codes: ['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
    httpStatus: 200,
    open: provider(answering(truncated)),
  },
  {
    what: 'reset in the body',
    codes: ['ECONNRESET'],
    httpStatus: 200,
    open: provider((socket) => socket.write(truncated, () => socket.resetAndDestroy())),
  },
  {
    what: 'closed between chunks',
    codes: ['UND_ERR_SOCKET'],
    httpStatus: 200,
    open: provider(answering(`${chunked}2\r\n{}\r\n`)),
  },
  {
    what: '500, closed in the body',
    codes: ['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
    httpStatus: 500,
    open: provider(answering(truncated.replace('200 OK', '500 No'))),
  },
  {
    what: 'an upgrade nobody asked for',
    codes: ['UND_ERR_SOCKET'],
    httpStatus: null,
    open: provider(answering('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')),
  },
  {
    // undici takes it for a broken server; the other interim answers are passed over.
    what: '100 Continue nobody asked for',
    codes: ['UND_ERR_SOCKET: bad response'],
    httpStatus: null,
    open: provider(answering(`HTTP/1.1 100 Continue\r\n\r\n${head}Content-Length: 2\r\n\r\n{}`)),
  },
  { what: 'a broken pipe', codes: ['EPIPE'], httpStatus: null, open: brokenPipe },
];

const malformed: readonly AnswerFault[] = [
  ['garbage', '\u0001\u0002 not HTTP at all\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['HTTP/2', Buffer.from('000006040000000000000500004000', 'hex')],
  ['a version nobody has', 'HTTP/9.9 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20\r\n\r\n'],
  ['a header name with a control character', `${head}Bad\u0001: x\r\n\r\n`],
  ['a header value with NUL', `${head}X: a\u0000b\r\n\r\n`],
  ['line ends without carriage return', 'HTTP/1.1 200 OK\n\n'],
  ['a line that is continued', `HTTP/1.1 200 OK\r\n X: y\r\n\r\n`],
  ['chunks and a length', `${chunked.slice(0, -2)}Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
].map(([what, text]) => ({
  what: String(what),
  codes: ['HTTPParserError'],
  httpStatus: null,
  open: provider(answering(text ?? '')),
}));

const inconsistent: readonly AnswerFault[] = [
  {
    what: 'a chunk whose size is no number',
    codes: ['HTTPParserError'],
    httpStatus: 200,
    open: provider(answering(`${chunked}zz\r\n{}\r\n0\r\n\r\n`)),
  },
  {
    what: 'a chunk longer than it says',
    codes: ['HTTPParserError'],
    httpStatus: 200,
    open: provider(answering(`${chunked}2\r\n{}XX\r\n0\r\n\r\n`)),
  },
  {
    what: 'an endless head',
    codes: ['UND_ERR_HEADERS_OVERFLOW'],
    httpStatus: null,
    open: provider(answering(`${head}x: ${'y'.repeat(70_000)}\r\n\r\n`)),
  },
  {
    what: 'two lengths',
    codes: ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
    httpStatus: null,
    open: provider(answering(`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`)),
  },
  {
    what: 'a status below 100',
    codes: ['ERR_ASSERTION'],
    httpStatus: null,
    open: provider(answering('HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n')),
  },
];

const deadlines: readonly AnswerFault[] = [
  {
    what: 'silence before the head',
    codes: ['deadline: no answer within 300 ms'],
    timeoutMs: 300,
    httpStatus: null,
    open: provider(() => undefined),
  },
  {
    what: 'silence in the head',
    codes: ['deadline: no answer within 300 ms'],
    timeoutMs: 300,
    httpStatus: null,
    open: provider((socket) => socket.write(`${head}Content-`)),
  },
  {
    what: 'silence after interim answers',
    codes: ['deadline: no answer within 300 ms'],
    timeoutMs: 300,
    httpStatus: null,
    open: provider((socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n')),
  },
  {
    what: 'silence in the body',
    codes: ['deadline: the answer stopped in its middle, not whole within 300 ms'],
    timeoutMs: 300,
    httpStatus: 200,
    open: provider((socket) => socket.write(truncated)),
  },
  {
    what: 'a body in drips, each of them in time',
    codes: ['deadline: the answer stopped in its middle, not whole within 300 ms'],
    timeoutMs: 300,
    httpStatus: 200,
    open: provider((socket) => {
      socket.write(chunked);
      const drip = setInterval(() => socket.write('1\r\n \r\n'), 40);
      socket.on('close', () => clearInterval(drip));
    }),
  },
];

const overTls: readonly AnswerFault[] = [
  {
    what: 'TLS that is closed after reading',
    codes: ['UND_ERR_SOCKET'],
    httpStatus: null,
    open: provider((socket) => socket.end(), await issue()),
  },
  {
    what: 'TLS that is cut after reading',
    codes: ['UND_ERR_SOCKET', 'ECONNRESET'],
    httpStatus: null,
    open: provider((socket) => socket.destroy(), await issue()),
  },
  {
    what: 'a tunnel that breaks after the request',
    codes: ['UND_ERR_SOCKET', 'ECONNRESET'],
    httpStatus: null,
    open: () => brokenTunnel(''),
  },
  {
    what: 'a tunnel that breaks in the answer',
    codes: ['UND_ERR_SOCKET', 'ECONNRESET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
    httpStatus: 200,
    open: () => brokenTunnel(truncated),
  },
];

export const noAnswer: readonly AnswerFault[] = [
  ...broken,
  ...malformed,
  ...inconsistent,
  ...deadlines,
  ...overTls,
];

/** Broken when the request has come through, or in the middle of an answer once its head was read. */
async function brokenTunnel(said: string): Promise<FaultWorld> {
  const breaking = { tunnels: (): void => undefined };
  const breakNow = (): void => {
    breaking.tunnels();
  };
  const target = await startScriptedProvider(
    [said === '' ? breakNow : (socket) => socket.write(said)],
    await issue({ hosts: ['pay.example'] }),
  );
  const proxy = await startConnectProxy({ step: tunnelTo(target.port) });
  breaking.tunnels = () => {
    proxy.breakTunnels();
  };
  subscribe('undici:request:headers', breakNow);
  return {
    baseUrl: 'https://pay.example',
    transport: { ...trusting, proxyUrl: proxy.url },
    close: async () => {
      unsubscribe('undici:request:headers', breakNow);
      await proxy[Symbol.asyncDispose]();
      await target.stop();
    },
  };
}

/** Waits until it is told to, then closes its side, resets, and says through shared memory that it has. */
const closingThread = `
const { workerData, parentPort } = require('node:worker_threads');
const flag = new Int32Array(workerData);
const server = require('node:net').createServer((socket) => {
  Atomics.wait(flag, 1, 0);
  socket.on('error', () => {}).end(() => {
    socket.resetAndDestroy();
    Atomics.store(flag, 0, 1); Atomics.notify(flag, 0);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** The first byte is written to a connection that the other side has left, before this thread could hear of it. */
async function brokenPipe(): Promise<FaultWorld> {
  const shared = new SharedArrayBuffer(8);
  const flag = new Int32Array(shared);
  const worker = new Worker(closingThread, { eval: true, workerData: shared });
  const [port] = (await once(worker, 'message')) as [number];
  const holdUp = (): void => {
    Atomics.store(flag, 1, 1);
    Atomics.notify(flag, 1);
    Atomics.wait(flag, 0, 0, 5_000);
  };
  subscribe('undici:client:connected', holdUp);
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      unsubscribe('undici:client:connected', holdUp);
      await worker.terminate();
    },
  };
}
