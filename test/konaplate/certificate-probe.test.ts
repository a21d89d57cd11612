import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { expect, test } from 'vitest';
import {
  probeClientCertificate,
  type ProbeOptions,
} from '../../src/konaplate/transport/certificate-probe.ts';
import { createAuthority, issueCertificate, type Certificate } from '../support/certificates.ts';
import { connectAnswer, startConnectProxy, tunnelTo } from '../support/connect-proxy.ts';
import { closedPort, issue, listen, trusting } from './fault.ts';
import { startScriptedProvider } from './scripted-provider.ts';

const registered = await issue({ hosts: [] });
const foreign = await issueCertificate({ by: await createAuthority('another root') });
const demanding = { requestCert: true, rejectUnauthorized: true, ca: trusting.ca ?? '' };

function probe(baseUrl: string, shown: Certificate | null, changes: Partial<ProbeOptions> = {}) {
  const clientCertificate = shown === null ? null : { certificate: shown.cert, key: shown.key };
  return probeClientCertificate({
    baseUrl,
    transport: { ...trusting, clientCertificate, ...changes.transport },
    timeoutMs: 5_000,
    stop: new AbortController().signal,
    ...(changes.receptionMs === undefined ? {} : { receptionMs: changes.receptionMs }),
    ...(changes.stop === undefined ? {} : { stop: changes.stop }),
  });
}

/** The reception of a server that no request may reach, and how many connections it saw. */
async function receptionOf(tls: TlsOptions, shown: Certificate | null) {
  const provider = await startScriptedProvider([], tls);
  const reception = await probe(provider.url, shown);
  await provider.drained();
  const connections = provider.connections();
  await provider.stop();
  return { reception, connections };
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a certificate the server takes (%s)', async (maxVersion) => {
  const tls = { ...(await issue()), ...demanding, maxVersion };
  expect(await receptionOf(tls, registered)).toEqual({ reception: { kind: 'accepted' }, connections: 1 });
});

test('a server that asks for none takes any', async () => {
  expect(await receptionOf(await issue(), registered)).toMatchObject({ reception: { kind: 'accepted' } });
});

test('refused by an alert', async () => {
  // Only RSA may sign here, so that ours counts as none.
  const rsa = await issue({ by: null, keyType: 'rsa' });
  const tls = { ...rsa, ...demanding, sigalgs: 'rsa_pss_rsae_sha256' };
  const provider = await startScriptedProvider([], tls);
  const transport = {
    ...trusting,
    ca: rsa.cert,
    clientCertificate: { certificate: registered.cert, key: registered.key },
  };
  expect(await probe(provider.url, registered, { transport })).toEqual({
    kind: 'refused',
    sentence: expect.stringMatching(
      /^The provider's server refused our client certificate \(\S*ALERT\S*\), so nothing was sent; check /,
    ) as string,
  });
  await provider.stop();
});

test('refused by closing', async () => {
  const tls = { ...(await issue()), ...demanding };
  const { reception } = await receptionOf(tls, foreign);
  expect(reception).toEqual({
    kind: 'refused',
    sentence: expect.stringMatching(/client certificate \((it closed the connection|ECONNRESET)\)/) as string,
  });
});

test('refused a moment after the handshake, with the ticket sent already', async () => {
  const options = { ...(await issue()), requestCert: true, rejectUnauthorized: false, ca: trusting.ca ?? '' };
  const server = createServer(options, (socket) => {
    // By then the ticket has gone out in a packet of its own.
    if (!socket.authorized) setTimeout(() => socket.end(), 50);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await probe(baseUrl, foreign)).toMatchObject({ kind: 'refused' });
  expect(await probe(baseUrl, registered)).toEqual({ kind: 'accepted' });
  server.close();
  await once(server, 'close');
});

/** Lets the handshake through, and nothing the server says after it. */
async function startMuteRelay(port: number) {
  return await listen((socket) => {
    const upstream = connect(port, '127.0.0.1');
    let flights = 0;
    socket.on('data', (chunk: Buffer) => {
      flights += 1;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (flights < 2) socket.write(chunk);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
}

test('a server that says neither is not waited for longer than a little', async () => {
  const provider = await startScriptedProvider([], { ...(await issue()), ...demanding });
  const relay = await startMuteRelay(provider.port);
  const reception = await probe(`https://127.0.0.1:${relay.port}`, registered, { receptionMs: 200 });
  expect(reception).toEqual({ kind: 'unknown' });
  await relay.stop();
  await provider.stop();
});

test('no connection says nothing about the certificate', async () => {
  expect(await probe(`https://127.0.0.1:${await closedPort()}`, registered)).toEqual({ kind: 'unknown' });
});

test.each([null, registered])('a server whose own certificate is wrong, whatever we show', async (shown) => {
  const { reception } = await receptionOf(await issue({ hosts: ['other.example'] }), shown);
  expect(reception).toMatchObject({ kind: 'set_up', fault: { cause: 'wrong_setup' } });
});

test.each([
  ['TLSv1.2', 'set_up'],
  ['TLSv1.3', 'refused'],
] as const)('a server that wants a certificate, and we have none (%s)', async (maxVersion, kind) => {
  const { reception, connections } = await receptionOf(
    { ...(await issue()), ...demanding, maxVersion },
    null,
  );
  expect(reception.kind).toBe(kind);
  expect(JSON.stringify(reception)).toMatch(/client certificate/);
  expect(connections).toBeLessThanOrEqual(1);
});

test('to this machine by plain http nobody is asked', async () => {
  const plain = await startScriptedProvider([]);
  expect(await probe(plain.url, registered)).toEqual({ kind: 'unknown' });
  expect(plain.connections()).toBe(0);
  await plain.stop();
});

test('being asked to stop ends it at once', async () => {
  const server = await listen((socket) => socket.resume());
  const stop = new AbortController();
  const reception = probe(`https://127.0.0.1:${server.port}`, registered, { stop: stop.signal });
  stop.abort();
  expect(await reception).toEqual({ kind: 'unknown' });
  await server.stop();
});

test.each([
  ['accepted', registered],
  ['refused', foreign],
])('%s through a proxy, in one tunnel', async (kind, shown) => {
  const tls = { ...(await issue({ hosts: ['pay.example'] })), ...demanding };
  const provider = await startScriptedProvider([], tls);
  await using proxy = await startConnectProxy({ step: tunnelTo(provider.port) });
  const clientCertificate = { certificate: shown.cert, key: shown.key };
  const transport = { ...trusting, proxyUrl: proxy.url, clientCertificate };
  expect(await probe('https://pay.example', shown, { transport })).toMatchObject({ kind });
  expect(proxy.asked).toHaveLength(1);
  await provider.stop();
});

test('a proxy that refuses is told as that, and says nothing about the certificate', async () => {
  await using proxy = await startConnectProxy({ step: connectAnswer('HTTP/1.1 407 No\r\n\r\n') });
  const transport = {
    ...trusting,
    proxyUrl: proxy.url,
    clientCertificate: { certificate: registered.cert, key: registered.key },
  };
  expect(await probe('https://pay.example', registered, { transport })).toMatchObject({
    kind: 'set_up',
    fault: {
      cause: 'credentials',
      sentence: expect.stringMatching(/^The proxy \S+ answered HTTP 407 to CONNECT/) as string,
    },
  });
});
