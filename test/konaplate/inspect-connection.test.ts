import { expect, test } from 'vitest';
import type { TransportSettings } from '../../src/konaplate/transport/connector.ts';
import { inspectConnection } from '../../src/konaplate/transport/inspect-connection.ts';
import { connectAnswer, startConnectProxy, tunnelTo } from '../support/connect-proxy.ts';
import { closedPort, issue, trusting } from './fault.ts';
import { answer, startScriptedProvider, type Step } from './scripted-provider.ts';

async function inspect(baseUrl: string, transport: TransportSettings = trusting) {
  const stop = new AbortController().signal;
  const { findings, dated } = await inspectConnection({
    baseUrl,
    transport,
    timeoutMs: 20_000,
    now: () => new Date(),
    stop,
  });
  return { told: findings.map(({ level, about, what }) => `${level} ${about}: ${what}`), dated };
}

/** A server that answers one HEAD, and what was found of it. */
async function inspectServer(
  certificate: Awaited<ReturnType<typeof issue>>,
  steps: readonly Step[],
  transport = trusting,
) {
  const provider = await startScriptedProvider(steps, { ...certificate });
  const found = await inspect(`${provider.url}/api`, transport);
  await provider.stop();
  return { ...found, requests: provider.requests };
}

const date = 'Date: Mon, 23 Nov 2026 16:00:00 GMT';
const head = (socket: Parameters<Step>[0]) => void socket.write(`HTTP/1.1 403 Forbidden\r\n${date}\r\n\r\n`);

test('a provider that answers: its certificate and its clock, by one HEAD without keys', async () => {
  const { told, dated, requests } = await inspectServer(await issue({ validTo: 90 }), [head]);
  expect(told).toEqual([
    'ok proxy: none: the provider is spoken to directly',
    expect.stringMatching(
      /^ok provider: 127\.0\.0\.1:\d+ answers \(HTTP 403 to HEAD \/, sent without keys\)$/,
    ),
    expect.stringMatching(
      /^ok certificate: the provider’s, by kona test root, until \d{4}-\d\d-\d\d \(TLSv1\.3\)$/,
    ),
  ]);
  expect(dated?.serverDate.toISOString()).toBe('2026-11-23T16:00:00.000Z');
  expect(requests).toHaveLength(1);
  expect(requests[0]?.requestLine).toBe('HEAD / HTTP/1.1');
  expect(requests[0]?.headers.filter(([name]) => /^x-km|authorization/i.test(name))).toEqual([]);
});

test('a certificate that ends soon is told while it is still good', async () => {
  const { told } = await inspectServer(await issue({ validTo: 5.5 }), [head]);
  expect(told.at(-1)).toMatch(/^warn certificate: the provider’s server: its certificate ends in 5 days/);
});

test.each([
  ['expired', { validFrom: -9, validTo: -1 }, trusting, /has expired.*CERT_HAS_EXPIRED/],
  ['for another name', { hosts: ['other.example'] }, trusting, /for another name/],
  ['of an unknown issuer', {}, { ...trusting, ca: null }, /no root we trust.*KONA_TLS_CA/],
])('a certificate that is %s', async (_, request, transport, words) => {
  const { told, dated } = await inspectServer(await issue(request), [], transport);
  expect(told).toHaveLength(2);
  expect(told[1]).toMatch(/^fail provider: 127\.0\.0\.1:\d+: /);
  expect(told[1]).toMatch(words);
  expect(dated).toBeNull();
});

test('nobody listens, and a name that leads nowhere', async () => {
  const nobody = await inspect(`https://127.0.0.1:${await closedPort()}`);
  expect(nobody.told.at(-1)).toMatch(/^fail provider: no connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED/);
  const lost = await inspect('https://nowhere.invalid/api');
  expect(lost.told.at(-1)).toMatch(/^fail provider: the name nowhere\.invalid leads to no machine/);
});

test('a proxy is told without its password, and so is its refusal', async () => {
  const provider = await startScriptedProvider([head], { ...(await issue()) });
  await using open = await startConnectProxy({ step: tunnelTo(provider.port) });
  const through = (proxyUrl: string) => ({ ...trusting, proxyUrl: proxyUrl.replace('//', '//user:hidden@') });
  const found = await inspect(provider.url, through(open.url));
  await provider.stop();
  expect(found.told.slice(0, 2)).toEqual([
    `ok proxy: 127.0.0.1:${open.port} stands between`,
    expect.stringMatching(/^ok provider: .* answers/),
  ]);
  await using shut = await startConnectProxy({ step: connectAnswer('HTTP/1.1 407 No\r\n\r\n') });
  const refused = await inspect(provider.url, through(shut.url));
  expect(refused.told.at(-1)).toMatch(/^fail provider: .*407.*HTTPS_PROXY/);
  expect([...found.told, ...refused.told].join('\n')).not.toContain('hidden');
});

test('a server that takes the connection and closes it is a doubt: its certificate is known', async () => {
  const { told, dated } = await inspectServer(await issue({ validTo: 90 }), [
    (socket) => void socket.destroy(),
  ]);
  expect(told[1]).toMatch(/^warn provider: .* does not answer HEAD \//);
  expect(told[2]).toMatch(/^ok certificate/);
  expect(dated).toBeNull();
});

test('our own certificate is shown to the server, which takes it', async () => {
  const own = await issue({ hosts: [], validTo: 12.5 });
  const demanding = { requestCert: true, rejectUnauthorized: true, ca: trusting.ca ?? '' };
  const provider = await startScriptedProvider([head], { ...(await issue({ validTo: 90 })), ...demanding });
  const clientCertificate = { certificate: own.cert, key: own.key };
  const { told } = await inspect(provider.url, { ...trusting, clientCertificate });
  await provider.stop();
  expect(told.slice(-2)).toEqual([
    expect.stringMatching(/^ok certificate: ours is accepted, until /),
    expect.stringMatching(/^warn certificate: KONA_TLS_CERTIFICATE: its certificate ends in 12 days/),
  ]);
});

test('plain http, which is for this machine, has neither proxy nor certificate', async () => {
  const provider = await startScriptedProvider([answer('404 Not Found', '', [date])]);
  const { told, dated } = await inspect(provider.url, { ...trusting, proxyUrl: 'http://127.0.0.1:1' });
  await provider.stop();
  expect(told).toEqual([expect.stringMatching(/^ok provider: .* answers \(HTTP 404/)]);
  expect(dated).not.toBeNull();
});
