import { describe, expect, test } from 'vitest';
import { classifyReply, createOutcomeRules } from '../../src/konaplate/outcome-rules.ts';
import { probeClientCertificate } from '../../src/konaplate/transport/certificate-probe.ts';
import { createAuthority, issueCertificate, type Certificate } from '../support/certificates.ts';
import { createTestClient, register } from './client-world.ts';
import { hasHaproxy, hasNginx, startHaproxy, startNginx } from '../support/gateways.ts';
import { registerCall, sendCall, somePar } from '../sandbox/raw-client.ts';
import { openSandbox } from '../sandbox/sandbox-world.ts';

describe.skipIf(!hasNginx)('a call passes through a gateway (nginx)', () => {
  test('as it is', async () => {
    const sandbox = await openSandbox();
    const gateway = await startNginx({ upstreamPort: Number(new URL(sandbox.baseUrl).port) });
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({ status: 200 });
    await gateway.stop();
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({
      error: 'ECONNREFUSED',
    });
  });

  test('a configuration that is none is told in its own words', async () => {
    await expect(startNginx({ upstreamPort: 1, server: 'nonsense on;' })).rejects.toThrow(
      /unknown directive/,
    );
  });
});

describe.skipIf(!hasHaproxy)('a call passes through a gateway (haproxy)', () => {
  test('as it is', async () => {
    const sandbox = await openSandbox();
    const gateway = await startHaproxy({ upstreamPort: Number(new URL(sandbox.baseUrl).port) });
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({ status: 200 });
    await gateway.stop();
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({
      error: 'ECONNREFUSED',
    });
  });
});

const root = await createAuthority();
const server = await issueCertificate({ by: root, hosts: ['localhost'] });
const member = await issueCertificate({ by: root });
const foreign = await issueCertificate({ by: await createAuthority('another root') });
const expired = await issueCertificate({ by: root, validFrom: -9, validTo: -1 });

function transportWith(shown: Certificate | null) {
  const clientCertificate = shown === null ? null : { certificate: shown.cert, key: shown.key };
  return { proxyUrl: null, ca: root.cert, clientCertificate };
}

/** One call's reply, what it means, and what the probe at a run's start says. */
async function askBoth(origin: string, shown: Certificate | null) {
  const transport = transportWith(shown);
  const client = createTestClient(origin, { transport });
  const { reply } = await register(client);
  await client.close();
  const outcome = classifyReply(reply, { unansweredBefore: 0, setup: 'proved' }, createOutcomeRules({}));
  const { signal } = new AbortController();
  const reception = await probeClientCertificate({
    baseUrl: origin,
    transport,
    timeoutMs: 5_000,
    stop: signal,
  });
  return { reply, outcome, reception };
}

describe.skipIf(!hasNginx)('a client certificate that is wanted (nginx)', () => {
  async function setup(tlsVersion: string) {
    const sandbox = await openSandbox();
    const gateway = await startNginx({
      upstreamPort: Number(new URL(sandbox.baseUrl).port),
      tls: true,
      server: `ssl_certificate server.pem; ssl_certificate_key server.key; ssl_protocols ${tlsVersion};
        ssl_verify_client on; ssl_client_certificate root.pem;`,
      files: { 'server.pem': server.cert, 'server.key': server.key, 'root.pem': root.cert },
    });
    return { sandbox, gateway };
  }

  test.each(['TLSv1.2', 'TLSv1.3'])(
    'by %s: its page is told for what it is, and nothing was processed',
    async (version) => {
      const { sandbox, gateway } = await setup(version);
      for (const [shown, words] of [
        [null, /wants a client certificate and got none \(HTTP 400\)/],
        [foreign, /does not take our client certificate \(HTTP 400\)/],
        [expired, /does not take our client certificate \(HTTP 400\)/],
      ] as const) {
        const { outcome } = await askBoth(gateway.origin, shown);
        expect(outcome).toMatchObject({ kind: 'stop_run', cause: 'credentials' });
        expect(outcome.kind === 'stop_run' ? outcome.sentence : '').toMatch(words);
      }
      expect(sandbox.calls()).toEqual([]);
      const { reply, reception } = await askBoth(gateway.origin, member);
      expect(reply).toMatchObject({ kind: 'answered', httpStatus: 401 });
      expect(reception).toEqual({ kind: 'accepted' });
    },
  );
});

describe.skipIf(!hasHaproxy)('a client certificate that is wanted (haproxy)', () => {
  async function setup(tlsVersion: string) {
    const sandbox = await openSandbox();
    const gateway = await startHaproxy({
      upstreamPort: Number(new URL(sandbox.baseUrl).port),
      bind: `ssl crt server.pem verify required ca-file root.pem ssl-min-ver ${tlsVersion} ssl-max-ver ${tlsVersion}`,
      files: { 'server.pem': server.cert + server.key, 'root.pem': root.cert },
    });
    return { sandbox, gateway };
  }

  test.each(['TLSv1.2', 'TLSv1.3'])(
    'by %s: its alert is told for what it is, and nothing was processed',
    async (version) => {
      const { sandbox, gateway } = await setup(version);
      for (const shown of [null, foreign, expired]) {
        const { reception } = await askBoth(gateway.origin, shown);
        expect(reception.kind).toBe(shown === null && version === 'TLSv1.2' ? 'set_up' : 'refused');
        expect(JSON.stringify(reception)).toMatch(/client certificate/);
      }
      expect(sandbox.calls()).toEqual([]);
      const { reply, reception } = await askBoth(gateway.origin, member);
      expect(reply).toMatchObject({ kind: 'answered', httpStatus: 401 });
      expect(reception).toEqual({ kind: 'accepted' });
    },
  );

  test.each(['TLSv1.2', 'TLSv1.3'])(
    'by %s: a call that meets the alert was surely not processed',
    async (version) => {
      const { sandbox, gateway } = await setup(version);
      for (const shown of [null, foreign]) {
        const { reply } = await askBoth(gateway.origin, shown);
        expect(reply).toMatchObject({
          kind: 'not_sent',
          setUpFault: { sentence: expect.stringMatching(/client certificate/) as string },
        });
      }
      expect(sandbox.calls()).toEqual([]);
    },
  );
});
