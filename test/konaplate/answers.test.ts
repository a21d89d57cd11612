import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readComeBack } from '../../src/dispatch/guards/come-back.ts';
import type { Reply } from '../../src/domain/outcome.ts';
import { classifyReply, createOutcomeRules } from '../../src/konaplate/outcome-rules.ts';
import type { ProviderClientOptions } from '../../src/konaplate/provider-client.ts';
import { register, withProvider, instant } from './client-world.ts';
import { answer, answerCode, closeOf, type Step } from './scripted-provider.ts';

const success = '{"response":{"code":"000_000","description":"Success."}}';

async function replyTo(step: Step, changes: Partial<ProviderClientOptions> = {}): Promise<Reply> {
  const replies: Reply[] = [];
  await withProvider([step], changes, async (client) => {
    replies.push((await register(client)).reply);
  });
  const [reply] = replies;
  if (reply === undefined) throw new Error('no reply');
  return reply;
}

function resetAfter(said: string): Step {
  return (socket) => {
    socket.write(said, () => socket.resetAndDestroy());
  };
}

function classOf(reply: Reply): string {
  const outcome = classifyReply(reply, { unansweredBefore: 0, setup: 'proved' }, createOutcomeRules({}));
  return outcome.kind === 'stop_run' ? outcome.kind : outcome.class;
}

test('success, with all the facts of the call', async () => {
  const order: string[] = [];
  const step = answer('200 OK', success, ['Date: Mon, 23 Nov 2026 00:15:02 GMT']);
  await withProvider([step], {}, async (client) => {
    const before = performance.now();
    const sent = await register(client, {
      bytesLeft: () => order.push('left'),
      answered: () => order.push('answered'),
    });
    expect(sent.reply).toEqual({
      kind: 'answered',
      httpStatus: 200,
      code: '000_000',
      unread: null,
      message: 'Success.',
      raw: success,
      retryAfterMs: null,
    });
    expect(sent.sentAt).toEqual(instant);
    expect(sent.bytesLeftMonotonic).toBeGreaterThanOrEqual(before);
    expect(sent.bytesLeftMonotonic).toBeLessThanOrEqual(performance.now());
    expect(sent.latencyMs).toBeGreaterThan(0);
    expect(sent.latencyMs).toBeLessThan(5_000);
    expect(sent.serverDate).toEqual(new Date('2026-11-23T00:15:02Z'));
    expect(order).toEqual(['left', 'answered']);
  });
});

/** Compressed, which nobody asked for. */
function encoded(coding: string, body: Buffer): Step {
  return (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
}

const redirect = answer('302 Found', success, ['Location: http://127.0.0.1:1/elsewhere']);

describe('by the wire', () => {
  test.each<[string, Step, string]>([
    ['400 with a code', answerCode('400 Bad Request', '007_031'), 'action_required'],
    ['a wrong content type', answer('200 OK', success, ['Content-Type: text/html']), 'enrolled'],
    ['204 without a body', (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), 'ambiguous'],
    ['200 with an empty body', answer('200 OK', ''), 'ambiguous'],
    ['an HTML page', answer('200 OK', '<html>maintenance</html>'), 'ambiguous'],
    ['a JSON cut off inside a whole answer', answer('200 OK', success.slice(0, -3)), 'ambiguous'],
    ['a redirect, not followed', redirect, 'stop_run'],
    ['401', answer('401 Unauthorized', ''), 'stop_run'],
    ['403', answer('403 Forbidden', '<html>no</html>'), 'stop_run'],
    ['404', answer('404 Not Found', '{"message":"no such path"}'), 'stop_run'],
    ['500 that claims success', answer('500 Oops', success), 'ambiguous'],
    [
      'interim answers first',
      (socket) => {
        socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n`);
        answer('200 OK', success)(socket, { requestLine: '', headers: [], body: '', connection: 1 });
      },
      'enrolled',
    ],
    [
      'chunked',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        socket.write(`10\r\n${success.slice(0, 16)}\r\n`);
        socket.write(`${(success.length - 16).toString(16)}\r\n${success.slice(16)}\r\n0\r\n\r\n`);
      },
      'enrolled',
    ],
    [
      'no length, ended by closing',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${success}`),
      'enrolled',
    ],
    [
      'chunked with trailers',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n');
        socket.write(`${success.length.toString(16)}\r\n${success}\r\n0\r\nX-Sum: 1\r\n\r\n`);
      },
      'enrolled',
    ],
    ['HTTP/1.0, ended by closing', (socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${success}`), 'enrolled'],
    ['204 with a body all the same', answer('204 No Content', success), 'ambiguous'],
    ['205 without a length', (socket) => socket.end('HTTP/1.1 205 Reset Content\r\n\r\n'), 'ambiguous'],
    ['304, which has no body', (socket) => socket.write('HTTP/1.1 304 Not Modified\r\n\r\n'), 'stop_run'],
    ['a status nobody has', answer('999 What', success), 'ambiguous'],
    [
      'bytes behind the answer',
      (socket) => {
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Length: ${success.length}\r\n\r\n${success}HTTP/1.1 500 No\r\n\r\n`,
        );
      },
      'enrolled',
    ],
    ['gzip', encoded('gzip', gzipSync(success)), 'enrolled'],
    ['deflate', encoded('deflate', deflateSync(success)), 'enrolled'],
    ['deflate, bare', encoded('deflate', deflateRawSync(success)), 'enrolled'],
    ['br', encoded('br', brotliCompressSync(success)), 'enrolled'],
    ['two codings', encoded('gzip, br', brotliCompressSync(gzipSync(success))), 'enrolled'],
    ['gzip by name alone', encoded('gzip', Buffer.from(success)), 'enrolled'],
    ['gzip without its name', encoded('identity', gzipSync(success)), 'ambiguous'],
    ['a coding nobody knows', encoded('rot13', gzipSync(success)), 'ambiguous'],
    ['gzip cut off in a whole answer', encoded('gzip', gzipSync(success).subarray(0, -12)), 'ambiguous'],
    ['a bomb of gzip', encoded('gzip', gzipSync(success.padEnd(5_000_000))), 'ambiguous'],
  ])('%s', async (_what, step, expected) => {
    const reply = await replyTo(step);
    expect(reply.kind).toBe('answered');
    expect(classOf(reply)).toBe(expected);
  });

  test.each([
    ['7', 7_000],
    ['Mon, 23 Nov 2026 00:16:01 GMT', 59_877],
  ])('429 with Retry-After %s', async (value, expected) => {
    const reply = await replyTo(answer('429 Too Many Requests', 'slow down', [`Retry-After: ${value}`]));
    expect(reply).toMatchObject({ kind: 'answered', httpStatus: 429, code: null, retryAfterMs: expected });
  });

  test('429 whose body breaks off is still a 429', async () => {
    const reply = await replyTo((socket) => {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 50\r\n\r\nslow');
    });
    expect(reply).toMatchObject({ kind: 'answered', httpStatus: 429, retryAfterMs: 3_000 });
  });

  const comeBack = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\n';
  test.each<[string, Step]>([
    ['breaks off', (socket) => socket.end(`${comeBack}Content-Length: 50\r\n\r\n<html>`)],
    ['is reset in its middle', resetAfter(`${comeBack}Content-Length: 50\r\n\r\n<html>`)],
    [
      'comes in chunks that are none',
      (socket) => socket.end(`${comeBack}Transfer-Encoding: chunked\r\n\r\nzz\r\n`),
    ],
    ['never ends', (socket) => socket.write(`${comeBack}Content-Length: 50\r\n\r\n<html>`)],
    [
      'is not what it says',
      (socket) => socket.write(`${comeBack}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno`),
    ],
    ['is larger than we read', answer('503 No', 'x'.repeat(70_000), ['Retry-After: 3'])],
    ['is encrypted for somebody else', answer('503 No', '{"encData":"a.b.c.d.e"}', ['Retry-After: 3'])],
    ['is empty', answer('503 No', '', ['Retry-After: 3'])],
  ])('503 whose body %s is honoured in its Retry-After, and ambiguous', async (_what, step) => {
    const reply = await replyTo(step, { timeoutMs: 1_000 });
    expect(reply.kind === 'not_sent' ? null : reply.httpStatus).toBe(503);
    expect(readComeBack(reply, instant, null)).toEqual({ kind: 'pause', pauseMs: 3_000 });
    expect(classOf(reply)).toBe('ambiguous');
  });

  test.each([
    ['just below the cap is read', 64 * 1024, '000_000', 'enrolled'],
    ['above the cap is not', 64 * 1024 + 1, null, 'ambiguous'],
  ])('a body %s', async (_what, size, code, expected) => {
    const body = success.padEnd(size, ' ');
    const reply = await replyTo(answer('200 OK', body));
    expect(reply).toMatchObject({ kind: 'answered', code, raw: body.slice(0, 4096) });
    expect(classOf(reply)).toBe(expected);
  });

  test('a body without end is cut, not waited for', async () => {
    const closed: Promise<unknown>[] = [];
    const reply = await replyTo((socket) => {
      closed.push(closeOf(socket));
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`));
      };
      socket.on('drain', more);
      more();
    });
    expect(reply).toMatchObject({ kind: 'answered', code: null });
    expect(closed).toHaveLength(1);
    await Promise.all(closed);
  });
});
