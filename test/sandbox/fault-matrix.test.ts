import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  isProcessed,
  parseChanceFault,
  parseFault,
  spellFault,
  unscriptableFaults,
} from '../../src/sandbox/faults/fault.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/wire/server.ts';
import { askCode, plainBody, registerCall, sendCall, somePar, type RawCall } from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';
import { scriptableFaults } from './scriptable-faults.ts';
import { openReply, sealedCall, someKeys } from './sealed-client.ts';

const registered = '{"response":{"code":"000_000","description":"Success."}}';

async function scripted(fault: string, options: SandboxOptions = {}): Promise<Sandbox> {
  const fixtures = parseFixtures(`cards: [{ par: ${somePar}, faults: ['${fault}'] }]`);
  return await openSandbox({ fixtures, encryptionKeys: someKeys, ...options });
}

describe('every scriptable fault', () => {
  test.each(scriptableFaults)(
    '%s: its effect is the truth, then the card is well again',
    async (spelling) => {
      const fault = parseFault(spelling);
      if (fault === null) throw new Error(`not in the grammar: ${spelling}`);
      expect(spellFault(fault)).toBe(spelling);
      const sandbox = await scripted(spelling);
      const patience = new AbortController();
      const asked = sendCall(sandbox.baseUrl, registerCall('1', somePar), patience.signal);
      await expect.poll(() => sandbox.calls()[0]?.answer ?? null).not.toBeNull();
      const processed = isProcessed(fault);
      expect(sandbox.calls()).toMatchObject([{ fault: spelling, processed, userId: '1', par: somePar }]);
      expect(sandbox.truth()).toHaveLength(processed ? 1 : 0);
      if (spelling.startsWith('hang')) patience.abort();
      await asked;
      expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe(processed ? '007_017' : '000_000');
    },
  );

  test.each(scriptableFaults)('%s: says in its name whether it is processed', (spelling) => {
    const fault = parseFault(spelling);
    const isAfter = spelling.endsWith(' after') || /^(gzip|wrong-type|no-id|other-id|slow)/.test(spelling);
    expect(fault === null ? null : isProcessed(fault)).toBe(isAfter);
  });

  test.each(scriptableFaults)('%s can come by chance, also in an encrypted call', async (spelling) => {
    const sandbox = await openSandbox({
      encryptionKeys: someKeys,
      faults: { seed: 1, odds: { [spelling]: 1 } },
    });
    const call = await sealedCall(plainBody('1', somePar), await sandbox.encryptionKeys());
    const patience = new AbortController();
    const asked = sendCall(sandbox.baseUrl, call, patience.signal);
    await expect.poll(() => sandbox.calls()[0]?.answer ?? null).not.toBeNull();
    expect(sandbox.calls()).toMatchObject([{ fault: spelling, encrypted: true }]);
    if (spelling.startsWith('hang')) patience.abort();
    await asked;
  });

  test('there are some, each once', () => {
    expect(new Set(scriptableFaults).size).toBe(scriptableFaults.length);
    expect(scriptableFaults.length).toBeGreaterThan(40);
    for (const spelling of unscriptableFaults) {
      expect(parseFault(spelling)).toBeNull();
      const fault = parseChanceFault(spelling);
      expect(fault === null ? null : spellFault(fault)).toBe(spelling);
    }
  });
});

test.each([
  ['429 date'],
  ['429 1'],
  ['500'],
  ['429 before'],
  ['600 before'],
  ['no-id before'],
  ['304 before'],
  ['000_000 after'],
  ['gzip after'],
  ['slow'],
  ['reset unread'],
  ['half'],
  ['RESET before'],
  [' reset before'],
])('no fault: %j', (text) => {
  expect(parseFault(text)).toBeNull();
});

describe('what the client gets', () => {
  const html = { 'content-type': 'text/html' };
  test.each([
    ['504 before', { status: 504, headers: html }],
    ['403 before', { status: 403, headers: html, code: null }],
    ['418 before', { status: 418, headers: html, code: null }],
    ['html before', { status: 200, headers: html, code: null }],
    ['html after', { status: 200, headers: html, code: null }],
    ['half after', { status: 200, text: registered.slice(0, registered.length / 2) }],
    ['garbage before', { status: 200, text: '}{"response": nothing of the kind' }],
    ['empty after', { status: 200, text: '', headers: { 'content-length': '0' } }],
    ['wrong-type', { status: 200, text: registered, headers: { 'content-type': 'text/plain' } }],
    ['302 before', { status: 302, headers: { location: '/api/v1/recharges/auto/payments/register' } }],
    ['307 after', { status: 307, text: '' }],
    ['009_999 before', { status: 400, code: '009_999' }],
    ['007_031 after', { status: 400, code: '007_031' }],
  ])('%s', async (fault, reply) => {
    const sandbox = await scripted(fault);
    expect(await sendCall(sandbox.baseUrl, registerCall('1', somePar))).toMatchObject(reply);
  });

  test('gzip: the true answer, compressed', async () => {
    const sandbox = await scripted('gzip');
    const body = plainBody('1', somePar);
    const call = registerCall('1', somePar);
    const reply = await fetch(`${sandbox.baseUrl}/api/v1/recharges/auto/payments/register`, {
      method: 'POST',
      headers: call.headers.map(([name, value]): [string, string] => [name, value]),
      body,
    });
    expect(reply.headers.get('content-encoding')).toBe('gzip');
    expect(await reply.text()).toBe(registered);
    // The counter-test: it was not plain on the wire.
    const again = await scripted('gzip');
    const raw = await readWire(again.baseUrl, registerCall('1', somePar));
    const start = raw.bytes.indexOf('\r\n\r\n') + 4;
    expect(gunzipSync(raw.bytes.subarray(start)).toString()).toBe(registered);
  });

  test('429 date: Retry-After as an HTTP date, never sooner than said', async () => {
    const now = new Date();
    const sandbox = await scripted('429 date 5s', { now: () => now });
    const reply = await sendCall(sandbox.baseUrl, registerCall('1', somePar));
    const header = reply.kind === 'whole' ? String(reply.headers['retry-after']) : '';
    expect(header).toMatch(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    const wait = Date.parse(header) - now.getTime();
    expect(wait).toBeGreaterThanOrEqual(5_000);
    expect(wait).toBeLessThanOrEqual(6_000);
  });

  test.each(['foreign-key after', 'bad-jwe after'])(
    '%s: an envelope that no client can open',
    async (fault) => {
      const sandbox = await scripted(fault);
      const keys = await sandbox.encryptionKeys();
      const sealed = await sendCall(sandbox.baseUrl, await sealedCall(plainBody('1', somePar), keys));
      expect(sealed).toMatchObject({ status: 200, headers: { 'x-km-crypto-key-id': keys.cryptoKeyId } });
      expect(sealed.kind === 'whole' && sealed.text).toMatch(/^\{"encData":"[\w-]+(\.[\w-]+){4}"\}$/);
      await expect(openReply(sealed, keys)).rejects.toThrow('decryption operation failed');
      // The counter-test: the next one can be opened.
      const next = await sendCall(sandbox.baseUrl, await sealedCall(plainBody('1', somePar), keys));
      expect(await openReply(next, keys)).toContain('007_017');
    },
  );

  test('encrypted too is what is halved, and a code that was scripted', async () => {
    const halved = await scripted('half after');
    const keys = await halved.encryptionKeys();
    const half = await sendCall(halved.baseUrl, await sealedCall(plainBody('1', somePar), keys));
    expect(half.kind === 'whole' && half.text).toMatch(/^\{"encData":"[\w.-]+$/);
    const coded = await scripted('009_999 before');
    const reply = await sendCall(coded.baseUrl, await sealedCall(plainBody('1', somePar), keys));
    expect(await openReply(reply, keys)).toContain('009_999');
  });
});

interface Wire {
  readonly bytes: Buffer;
  /** `end`: the other side closed in order; otherwise the error's code. */
  readonly end: string;
}

/** The bytes as they come, and how they end. */
async function readWire(baseUrl: string, call: RawCall): Promise<Wire> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  const lines = [
    'POST /api/v1/recharges/auto/payments/register HTTP/1.1',
    `Host: ${hostname}`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(call.body)}`,
    ...call.headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${call.body}`);
  const chunks: Buffer[] = [];
  return await new Promise<Wire>((resolve) => {
    const finish = (end: string): void => {
      resolve({ bytes: Buffer.concat(chunks), end });
    };
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      finish('end');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code ?? error.name);
    });
  });
}

describe('on the wire', () => {
  test.each([
    ['reset before', 'ECONNRESET'],
    ['reset after', 'ECONNRESET'],
    ['close before', 'end'],
    ['close after', 'end'],
  ])('%s: no byte, then %s', async (fault, end) => {
    const sandbox = await scripted(fault);
    const wire = await readWire(sandbox.baseUrl, registerCall('1', somePar));
    expect([wire.bytes.length, wire.end]).toEqual([0, end]);
  });

  test('truncated: half the body, then the end', async () => {
    const sandbox = await scripted('truncated after');
    const wire = await readWire(sandbox.baseUrl, registerCall('1', somePar));
    const text = wire.bytes.toString();
    expect(wire.end).toBe('end');
    expect(text).toContain(`Content-Length: ${registered.length}`);
    expect(text.endsWith(registered.slice(0, registered.length / 2))).toBe(true);
  });

  test('torn: a reset in the midst of the body', async () => {
    const sandbox = await scripted('torn after');
    const wire = await readWire(sandbox.baseUrl, registerCall('1', somePar));
    expect(wire.end).toBe('ECONNRESET');
  });

  test.each([
    ['reset unread', 'ECONNRESET'],
    ['close unread', 'end'],
  ])('%s: nobody knows what was asked, then %s', async (fault, end) => {
    const sandbox = await openSandbox({ faults: { seed: 1, odds: { [fault]: 1 } } });
    const wire = await readWire(sandbox.baseUrl, registerCall('1', somePar));
    expect([wire.bytes.length, wire.end]).toEqual([0, end]);
    expect(sandbox.truth()).toEqual([]);
    expect(sandbox.calls()).toMatchObject([
      { answer: fault, fault, userId: null, correlationId: null, processed: false },
    ]);
  });
});
