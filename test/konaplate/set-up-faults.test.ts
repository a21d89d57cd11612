import { describe, expect, test } from 'vitest';
import { classifyReply, createOutcomeRules } from '../../src/konaplate/outcome-rules.ts';
import { createAuthority, issueCertificate } from '../support/certificates.ts';
import { connectAnswer } from '../support/connect-proxy.ts';
import { createTestClient, register } from './client-world.ts';
import { startScriptedProvider } from './scripted-provider.ts';
import { behindProxy, issue, rawServer, trusting, unreachedProvider, type FaultWorld } from './fault.ts';

async function replyOf(open: () => Promise<FaultWorld>) {
  const world = await open();
  const client = createTestClient(world.baseUrl, { transport: world.transport ?? trusting });
  try {
    return (await register(client)).reply;
  } finally {
    await client.close();
    await world.close();
  }
}

/** Signed by an authority between, which the server leaves out. */
async function withoutIntermediate() {
  return await issueCertificate({ by: await createAuthority('between'), hosts: ['127.0.0.1'] });
}

test.each<[string, () => Promise<FaultWorld>, string, RegExp]>([
  [
    'an expired certificate',
    unreachedProvider(() => issue({ validFrom: -9, validTo: -1 })),
    'wrong_setup',
    /has expired.*renewed there.*\(CERT_HAS_EXPIRED\)/,
  ],
  [
    'one that is not valid yet',
    unreachedProvider(() => issue({ validFrom: 1 })),
    'wrong_setup',
    /not valid yet: check this machine’s clock/,
  ],
  [
    'one for another host',
    unreachedProvider(() => issue({ hosts: ['other.example'] })),
    'wrong_setup',
    /another name than the one in KONA_BASE_URL/,
  ],
  ['an unknown root', unreachedProvider(() => issue({ by: null })), 'wrong_setup', /KONA_TLS_CA/],
  ['a missing intermediate', unreachedProvider(withoutIntermediate), 'wrong_setup', /KONA_TLS_CA/],
  [
    'no TLS on the other side',
    rawServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))),
    'wrong_address',
    /No TLS connection comes about .*check host and port of KONA_BASE_URL/,
  ],
  [
    'a proxy’s 407',
    behindProxy(connectAnswer('HTTP/1.1 407 No\r\n\r\n')),
    'credentials',
    /wants a user and a password.*Check HTTPS_PROXY/,
  ],
  [
    'a proxy’s 401',
    behindProxy(connectAnswer('HTTP/1.1 401 No\r\n\r\n')),
    'credentials',
    /wants a user and a password.*Check HTTPS_PROXY/,
  ],
  ['a proxy’s 403', behindProxy(connectAnswer('HTTP/1.1 403 No\r\n\r\n')), 'wrong_setup', /NO_PROXY/],
])('%s: surely not processed, and what to mend', async (_what, open, cause, sentence) => {
  expect(await replyOf(open)).toMatchObject({
    kind: 'not_sent',
    setUpFault: { cause, sentence: expect.stringMatching(sentence) as string },
  });
});

test.each<[string, () => Promise<FaultWorld>]>([
  ['a handshake that is reset', rawServer((socket) => socket.on('data', () => socket.resetAndDestroy()))],
  ['a proxy that reaches nobody', behindProxy(connectAnswer('HTTP/1.1 502 No\r\n\r\n'))],
  ['a proxy with too much to do', behindProxy(connectAnswer('HTTP/1.1 503 No\r\n\r\n'))],
])('%s may pass by itself', async (_what, open) => {
  const reply = await replyOf(open);
  expect(reply).toMatchObject({ kind: 'not_sent' });
  expect('setUpFault' in reply).toBe(false);
});

test('TLS 1.3 that wants a client certificate: the alert comes behind the request, which nobody read', async () => {
  expect(await replyOf(wantingCertificate)).toMatchObject({
    kind: 'not_sent',
    setUpFault: { cause: 'credentials', sentence: expect.stringMatching(/wants one and got none/) as string },
  });
});

async function wantingCertificate(): Promise<FaultWorld> {
  const tls = { ...(await issue()), requestCert: true, rejectUnauthorized: true, ca: trusting.ca ?? '' };
  const { url, stop } = await startScriptedProvider([], tls);
  return { baseUrl: url, transport: trusting, close: stop };
}

describe('pages about our client certificate', () => {
  const rules = createOutcomeRules({});
  const judge = (httpStatus: number, raw: string, code: string | null = null) =>
    classifyReply(
      {
        kind: 'answered',
        httpStatus,
        code,
        unread: 'it is no JSON object',
        message: null,
        raw,
        retryAfterMs: null,
      },
      { unansweredBefore: 0, setup: 'proved' },
      rules,
    );
  const page = (words: string): string =>
    `<html><head><title>400 ${words}</title></head><body><center>${words}</center></body></html>`;

  test.each([
    [
      400,
      page('No required SSL certificate was sent'),
      'credentials',
      /wants a client certificate and got none/,
    ],
    [400, page('The SSL certificate error'), 'credentials', /does not take our client certificate/],
    [495, '', 'credentials', /does not take our client certificate/],
    [496, 'anything', 'credentials', /wants a client certificate and got none/],
    [497, '', 'wrong_address', /write https:\/\//],
    [400, page('The plain HTTP request was sent to HTTPS port'), 'wrong_address', /write https:\/\//],
  ])('HTTP %i stops the run, also where our set-up was proved before', (status, raw, cause, sentence) => {
    expect(judge(status, raw)).toEqual({
      kind: 'stop_run',
      by: 'setup',
      cause,
      sentence: expect.stringMatching(sentence) as string,
    });
  });

  test('another page of 400 is as ambiguous as ever, and a code outweighs any words', () => {
    expect(judge(400, page('Bad Request'))).toEqual({ kind: 'unsettled', class: 'ambiguous' });
    expect(judge(500, page('No required SSL certificate was sent'))).toMatchObject({ class: 'ambiguous' });
    expect(judge(400, 'No required SSL certificate was sent', '001_003')).toMatchObject({
      class: 'bad_data',
    });
  });
});
