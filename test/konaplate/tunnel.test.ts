import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, TLSSocket, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProviderClientOptions } from '../../src/konaplate/provider-client.ts';
import { createAuthority, issueCertificate } from '../support/certificates.ts';
import { startConnectProxy, tunnelTo, type ConnectProxy } from '../support/connect-proxy.ts';
import { createTestClient, register, withProvider } from './client-world.ts';
import { issue, trusting } from './fault.ts';
import { answerCode, startScriptedProvider, type ScriptedProvider, type Step } from './scripted-provider.ts';

const ok = answerCode('200 OK', '000_000');
const withPassword = (url: string): string => url.replace('://', '://us%65r:p%23ss%2Fw@');
/** `user:p#ss/w` */
const basic = `Basic ${Buffer.from('user:p#ss/w').toString('base64')}`;

interface Through {
  readonly steps: readonly Step[];
  readonly secure?: boolean;
  readonly changes?: Partial<ProviderClientOptions>;
  readonly tls?: TlsOptions;
}

/** A provider of TLS whose name only the proxy knows, and a client that reaches it through the proxy alone. */
async function withTunnel(
  { steps, secure = false, changes = {}, tls = {} }: Through,
  body: (
    client: ReturnType<typeof createTestClient>,
    provider: ScriptedProvider,
    proxy: ConnectProxy,
  ) => Promise<void>,
): Promise<void> {
  const provider = await startScriptedProvider(steps, {
    ...(await issue({ hosts: ['pay.example'] })),
    ...tls,
  });
  await using proxy = await startConnectProxy({
    step: tunnelTo(provider.port),
    ...(secure ? { certificate: await issue() } : {}),
  });
  const client = createTestClient('https://pay.example:8443/open-api', {
    transport: { ...trusting, proxyUrl: withPassword(proxy.url) },
    ...changes,
  });
  try {
    await body(client, provider, proxy);
  } finally {
    await client.close();
    await provider.stop();
  }
}

describe.each([
  ['http', false],
  ['https', true],
])('through a proxy spoken to by %s', (_what, secure) => {
  test('one tunnel a connection, kept and used again', async () => {
    await withTunnel({ steps: [ok, ok, ok], secure }, async (client, provider, proxy) => {
      for (let call = 0; call < 3; call += 1) expect((await register(client)).reply.kind).toBe('answered');
      expect(provider.connections()).toBe(1);
      expect(proxy.asked).toEqual([{ target: 'pay.example:8443', authorization: basic }]);
    });
  });

  test('as many as asked for, and after close none', async () => {
    const steps = Array<Step>(6).fill(ok);
    await withTunnel({ steps, secure, changes: { connections: 2 } }, async (client, provider, proxy) => {
      const sent = await Promise.all(Array.from({ length: 6 }, () => register(client)));
      expect(sent.map(({ reply }) => reply.kind)).toEqual(Array<string>(6).fill('answered'));
      expect([provider.connections(), proxy.asked.length]).toEqual([2, 2]);
      await client.close();
      await provider.drained();
    });
  });

  test('the provider sees nothing of the proxy’s user and password', async () => {
    await withTunnel({ steps: [ok], secure }, async (client, provider) => {
      await register(client);
      expect(JSON.stringify(provider.requests)).not.toMatch(/proxy|Basic/i);
    });
  });

  test('outlives the time it may take to open', async () => {
    const slowly: Step = (socket, request) => setTimeout(ok, 150, socket, request);
    const changes = { timeoutMs: 250 };
    await withTunnel({ steps: [slowly, slowly, slowly], secure, changes }, async (client, provider) => {
      for (let call = 0; call < 3; call += 1) expect((await register(client)).reply.kind).toBe('answered');
      expect(provider.connections()).toBe(1);
    });
  });
});

test('a refused tunnel is asked for once a call, and the next call gets through', async () => {
  const provider = await startScriptedProvider([ok], await issue({ hosts: ['pay.example'] }));
  let asked = 0;
  await using proxy = await startConnectProxy({
    step: (socket, request) => {
      asked += 1;
      if (asked === 1) socket.end('HTTP/1.1 503 Busy\r\n\r\n');
      else tunnelTo(provider.port)(socket, request);
    },
  });
  const client = createTestClient('https://pay.example', { transport: { ...trusting, proxyUrl: proxy.url } });
  expect((await register(client)).reply.kind).toBe('not_sent');
  expect((await register(client)).reply.kind).toBe('answered');
  expect(proxy.asked).toEqual([1, 2].map(() => ({ target: 'pay.example:443', authorization: undefined })));
  await client.close();
  await provider.stop();
});

test('plain http, which is this machine, never goes through a proxy', async () => {
  await using proxy = await startConnectProxy({ step: (socket) => socket.destroy() });
  await withProvider([ok], { transport: { ...trusting, proxyUrl: proxy.url } }, async (client) => {
    expect((await register(client)).reply.kind).toBe('answered');
    expect(proxy.asked).toEqual([]);
  });
});

test('a server that would rather speak HTTP/2 is spoken to by 1.1', async () => {
  const server = createSecureServer({ ...(await issue()), allowHTTP1: true }, (request, response) => {
    response.end(JSON.stringify({ code: '000_000', message: request.httpVersion }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createTestClient(`https://127.0.0.1:${port}`, { transport: trusting });
  expect((await register(client)).reply).toMatchObject({ code: '000_000', message: '1.1' });
  await client.close();
  server.close();
  await once(server, 'close');
});

describe('certificates', () => {
  const roots = getCACertificates('default');
  afterEach(() => {
    setDefaultCACertificates(roots);
    vi.unstubAllEnvs();
  });

  test('our own root is one more, beside those that are trusted anyway', async () => {
    const other = await createAuthority('another root');
    setDefaultCACertificates([...roots, other.cert]);
    const tls = await issueCertificate({ by: other, hosts: ['127.0.0.1'] });
    for (const certificate of [tls, await issue()]) {
      await withProvider(
        [ok],
        { transport: trusting },
        async (client) => {
          expect((await register(client)).reply.kind).toBe('answered');
        },
        certificate,
      );
    }
  });

  test('are checked whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await withProvider(
      [],
      { transport: trusting },
      async (client) => {
        expect((await register(client)).reply.kind).toBe('not_sent');
      },
      await issue({ by: null }),
    );
    await withTunnel({ steps: [], tls: await issue({ hosts: ['other.example'] }) }, async (client) => {
      expect((await register(client)).reply.kind).toBe('not_sent');
    });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('ours is shown to the provider under %s', async (version) => {
    const { cert, key } = await issue({ hosts: [] });
    const shown: string[] = [];
    const step: Step = (socket, request) => {
      shown.push(peerOf(socket));
      ok(socket, request);
    };
    const transport = { ...trusting, clientCertificate: { certificate: cert, key } };
    const tls = { ...(await issue()), requestCert: true, ca: trusting.ca ?? '', maxVersion: version };
    await withProvider(
      [step],
      { transport },
      async (client) => {
        expect((await register(client)).reply.kind).toBe('answered');
      },
      tls,
    );
    expect(shown).toEqual(['member']);
  });

  test('ours is not shown to the proxy', async () => {
    const { cert, key } = await issue({ hosts: [] });
    const shown: string[] = [];
    await using proxy = await startConnectProxy({
      step: (socket) => {
        shown.push(peerOf(socket as Socket));
        socket.destroy();
      },
      certificate: await issue(),
      requestCert: true,
    });
    const transport = { ...trusting, proxyUrl: proxy.url, clientCertificate: { certificate: cert, key } };
    const client = createTestClient('https://pay.example', { transport });
    expect((await register(client)).reply.kind).toBe('not_sent');
    expect(shown).toEqual(['nobody']);
    await client.close();
  });
});

function peerOf(socket: Socket): string {
  if (!(socket instanceof TLSSocket)) return 'no TLS';
  const subject = socket.getPeerCertificate().subject as { readonly CN?: string } | undefined;
  return subject?.CN ?? 'nobody';
}
