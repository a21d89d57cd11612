import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { connectAnswer, tunnelTo } from '../support/connect-proxy.ts';
import {
  afterClose,
  behindProxy,
  closedPort,
  issue,
  listen,
  rawServer,
  trusting,
  unreachedProvider,
  whileClosing,
  withHeaders,
  type Fault,
  type FaultWorld,
} from './fault.ts';

const established = 'HTTP/1.1 200 Connection established\r\n\r\n';

function nowhere(baseUrl: string, proxyUrl: string | null = null) {
  return async (): Promise<FaultWorld> =>
    await Promise.resolve({
      baseUrl,
      transport: { ...trusting, proxyUrl },
      close: async () => await Promise.resolve(),
    });
}

async function refusing(host: string): Promise<FaultWorld> {
  return await nowhere(`http://${host}:${await closedPort()}`)();
}

const connecting: readonly Fault[] = [
  { what: 'refused', codes: ['connect ECONNREFUSED 127'], open: () => refusing('127.0.0.1') },
  { what: 'refused on every address of a name', codes: ['ECONNREFUSED'], open: () => refusing('localhost') },
  { what: 'no such host', codes: ['ENOTFOUND', 'EAI_AGAIN'], open: nowhere('http://konaplate.invalid') },
  {
    what: 'a port that accepts nobody',
    codes: ['deadline: no connection within 200 ms'],
    timeoutMs: 200,
    open: acceptsNobody,
  },
  {
    what: 'the same with more time than connecting may take',
    codes: ['UND_ERR_CONNECT_TIMEOUT'],
    timeoutMs: 20_000,
    open: acceptsNobody,
  },
  {
    what: 'a handshake that never ends',
    codes: ['deadline: no connection within 100 ms'],
    timeoutMs: 100,
    open: rawServer((socket) => socket.resume()),
  },
];

const tls: readonly Fault[] = [
  {
    what: 'TLS before a server that speaks none',
    codes: ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_WRONG_VERSION_NUMBER', 'EPROTO'],
    open: rawServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))),
  },
  {
    what: 'TLS that is closed in its handshake',
    codes: ['ECONNRESET'],
    open: rawServer((socket) => socket.on('data', () => socket.destroy())),
  },
  {
    what: 'TLS that is reset in its handshake',
    codes: ['ECONNRESET'],
    open: rawServer((socket) => socket.on('data', () => socket.resetAndDestroy())),
  },
  {
    what: 'a certificate that has expired',
    codes: ['CERT_HAS_EXPIRED'],
    open: unreachedProvider(() => issue({ validFrom: -9, validTo: -1 })),
  },
  {
    what: 'a certificate that is not valid yet',
    codes: ['CERT_NOT_YET_VALID'],
    open: unreachedProvider(() => issue({ validFrom: 5 })),
  },
  {
    what: 'a certificate for another host',
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    open: unreachedProvider(() => issue({ hosts: ['pay.example', '10.0.0.1'] })),
  },
  {
    what: 'a certificate signed by itself',
    codes: ['DEPTH_ZERO_SELF_SIGNED_CERT'],
    open: unreachedProvider(() => issue({ by: null })),
  },
  {
    what: 'a certificate of a root nobody knows',
    codes: ['UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    open: unreachedProvider(() => issue(), { ...trusting, ca: null }),
  },
  {
    what: 'the same, with the root shown',
    codes: ['SELF_SIGNED_CERT_IN_CHAIN'],
    open: unreachedProvider(withRoot, { ...trusting, ca: null }),
  },
  {
    what: 'a certificate that is for clients',
    codes: ['INVALID_PURPOSE'],
    open: unreachedProvider(() => issue({ hosts: [] })),
  },
  {
    what: 'no version of TLS in common',
    codes: ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    open: unreachedProvider(async () => ({ ...(await issue()), ...oldTls })),
  },
  {
    what: 'TLS 1.2 that wants a client certificate, and there is none',
    codes: ['ALERT_HANDSHAKE_FAILURE'],
    open: unreachedProvider(async () => ({ ...(await issue()), ...wantsCertificate })),
  },
];

const oldTls = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
const wantsCertificate = {
  maxVersion: 'TLSv1.2',
  requestCert: true,
  rejectUnauthorized: true,
  ca: trusting.ca ?? '',
} as const;

async function withRoot() {
  const { cert, key } = await issue();
  return { cert: cert + trusting.ca, key };
}

const proxies: readonly Fault[] = [
  {
    what: 'a proxy that is down',
    codes: ['proxy_failed: the proxy 127.0.0.1:1 opened no tunnel: connect ECONNREFUSED'],
    open: nowhere('https://pay.example', 'http://127.0.0.1:1'),
  },
  {
    what: 'a proxy whose name nobody knows',
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    open: nowhere('https://pay.example', 'http://user:word@proxy.invalid:3128'),
  },
  {
    what: 'a proxy that wants a password',
    codes: ['answered HTTP 407 to CONNECT: it wants a user and a password'],
    open: behindProxy(connectAnswer('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n')),
  },
  {
    what: 'a proxy that forbids',
    codes: ['answered HTTP 403 to CONNECT: it does not let us through'],
    open: behindProxy(connectAnswer('HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\n<html>')),
  },
  {
    what: 'a proxy that reaches nobody',
    codes: ['proxy_status'],
    open: behindProxy(connectAnswer('HTTP/1.1 502 Bad Gateway\r\n\r\n')),
  },
  {
    what: 'an interim answer of a proxy',
    codes: ['proxy_status'],
    open: behindProxy(connectAnswer('HTTP/1.1 100 Continue\r\n\r\n')),
  },
  {
    what: 'a proxy that drops the CONNECT',
    codes: ['proxy_failed'],
    open: behindProxy((socket) => socket.destroy()),
  },
  {
    what: 'a proxy that drops it in its answer',
    codes: ['proxy_failed'],
    open: behindProxy(connectAnswer('HTTP/1.1 200 Conn')),
  },
  {
    what: 'a proxy that speaks no HTTP',
    codes: ['proxy_failed'],
    open: behindProxy(connectAnswer('\u0005\u0000 SOCKS\r\n\r\n')),
  },
  {
    what: 'a proxy that says nothing',
    codes: ['deadline: no connection within 200 ms', 'proxy_timeout'],
    timeoutMs: 200,
    open: behindProxy(() => undefined),
  },
  {
    what: 'the same with more time than a tunnel may take',
    codes: ['opened no tunnel within 5000 ms'],
    timeoutMs: 20_000,
    open: behindProxy(() => undefined),
  },
  {
    what: 'a tunnel that closes at once',
    codes: ['ECONNRESET', 'proxy_failed'],
    open: behindProxy(connectAnswer(established)),
  },
  {
    what: 'a tunnel that closes in the handshake',
    codes: ['ECONNRESET', 'proxy_failed'],
    open: behindProxy((socket) => {
      socket.write(established);
      socket.on('data', () => socket.destroy());
    }),
  },
  {
    what: 'a tunnel with something else inside',
    codes: ['ERR_SSL_WRONG_VERSION_NUMBER'],
    open: behindProxy(connectAnswer(`${established}220 mail.example ESMTP ready\r\n`)),
  },
  {
    what: 'a tunnel in which nobody speaks',
    codes: ['deadline: no connection within 200 ms'],
    timeoutMs: 200,
    open: behindProxy((socket) => socket.write(established)),
  },
  {
    what: 'a tunnel to a server of another name',
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    open: async () => {
      const target = await unreachedProvider(() => issue({ hosts: ['other.example'] }))();
      const world = await behindProxy(tunnelTo(Number(new URL(target.baseUrl).port)))();
      return {
        ...world,
        close: async () => {
          await world.close();
          await target.close();
        },
      };
    },
  },
  {
    what: 'TLS to a proxy that has another name',
    codes: ['proxy_failed'],
    open: behindProxy(connectAnswer(established), () => issue({ hosts: ['pay.example'] })),
  },
  {
    what: 'TLS to a proxy that speaks none',
    codes: ['EPROTO'],
    open: async () => {
      const { port, stop } = await listen((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 No')));
      const world = await nowhere('https://pay.example', `https://127.0.0.1:${port}`)();
      return { ...world, close: stop };
    },
  },
  {
    what: 'a tunnel through TLS that closes in the handshake',
    codes: ['ECONNRESET', 'proxy_failed'],
    open: behindProxy(connectAnswer(established), () => issue()),
  },
  {
    what: 'a tunnel through TLS that is cut in the handshake',
    codes: ['ECONNRESET', 'proxy_failed'],
    open: behindProxy(
      (socket) => {
        socket.write(established);
        socket.on('data', () => socket.destroy());
      },
      () => issue(),
    ),
  },
];

/** Whatever undici refuses before it connects. */
const refusedByUndici: readonly Fault[] = [
  {
    what: 'a header that could break out of its line',
    codes: ['UND_ERR_INVALID_ARG'],
    open: nowhere('http://127.0.0.1:9'),
    send: withHeaders({ 'X-KM-User-AspId': 'a\r\nb' }),
  },
  {
    what: 'a header that undici does not do',
    codes: ['UND_ERR_NOT_SUPPORTED'],
    open: nowhere('http://127.0.0.1:9'),
    send: withHeaders({ Expect: '100-continue' }),
  },
  {
    what: 'a length that is not the body’s',
    codes: ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'],
    open: rawServer((socket) => socket.resume(), 'http'),
    send: withHeaders({ 'Content-Length': '3' }),
  },
  {
    what: 'a client that was closed',
    codes: ['UND_ERR_DESTROYED'],
    open: nowhere('http://127.0.0.1:9'),
    send: afterClose,
  },
  {
    what: 'a client that is being closed',
    codes: ['UND_ERR_CLOSED'],
    open: nowhere('http://127.0.0.1:9'),
    send: whileClosing,
  },
];

export const notSent: readonly Fault[] = [...connecting, ...tls, ...proxies, ...refusedByUndici];

/** Never comes back to its event loop, so that the system's queue of connections fills up, and then it drops more. */
const blockedThread = `
const { workerData, parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(workerData), 0, 0);
});
`;

async function acceptsNobody(): Promise<FaultWorld> {
  const shared = new SharedArrayBuffer(4);
  const worker = new Worker(blockedThread, { eval: true, workerData: shared });
  const [port] = (await once(worker, 'message')) as [number];
  const queue = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(queue.map((socket) => once(socket, 'connect')));
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of queue) socket.destroy();
      Atomics.notify(new Int32Array(shared), 0);
      await worker.terminate();
    },
  };
}
