import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeContent } from '../../src/konaplate/transport/content-encoding.ts';

const LIMIT = 64 * 1024;
const text = Buffer.from('{"response":{"code":"000_000"}}');

test.each<[string, string | string[] | undefined, Buffer]>([
  ['none', undefined, text],
  ['an empty one', '', text],
  ['identity', 'identity', text],
  ['gzip', 'gzip', gzipSync(text)],
  ['gzip by its old name, in capitals', ' X-GZIP ', gzipSync(text)],
  ['deflate', 'deflate', deflateSync(text)],
  ['deflate without its head', 'deflate', deflateRawSync(text)],
  ['br', 'br', brotliCompressSync(text)],
  ['zstd', 'zstd', zstdCompressSync(text)],
  ['several, the last one outermost', 'deflate, gzip', gzipSync(deflateSync(text))],
  ['several headers', ['deflate', 'gzip'], gzipSync(deflateSync(text))],
])('%s', (_what, coding, bytes) => {
  expect(decodeContent(bytes, { 'content-encoding': coding }, LIMIT)).toEqual(text);
});

const zipped = gzipSync(text);

test.each<[string, string, Buffer]>([
  ['an unknown coding', 'compress', zipped],
  ['a coding named like a method', 'constructor', zipped],
  ['plain text called gzip', 'gzip', text],
  ['half of it', 'gzip', zipped.subarray(0, 20)],
  ['nothing', 'gzip', Buffer.alloc(0)],
  ['more layers than anybody has', 'gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(zipped)))],
])('%s comes back as it is', (_what, coding, bytes) => {
  expect(decodeContent(bytes, { 'content-encoding': coding }, LIMIT)).toBe(bytes);
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])('%s is decoded up to the limit and not a byte further', (coding, compress) => {
  const headers = { 'content-encoding': coding };
  const whole = Buffer.alloc(LIMIT, ' ');
  expect(decodeContent(compress(whole), headers, LIMIT)).toEqual(whole);
  const bomb = compress(Buffer.alloc(LIMIT + 1, ' '));
  expect(decodeContent(bomb, headers, LIMIT)).toBe(bomb);
});

test('a bomb costs neither time nor memory', () => {
  const bomb = gzipSync(Buffer.alloc(80_000_000));
  expect(bomb.length).toBeGreaterThan(LIMIT);
  const before = process.memoryUsage().arrayBuffers;
  const began = performance.now();
  expect(decodeContent(bomb, { 'content-encoding': 'gzip' }, LIMIT)).toBe(bomb);
  expect(performance.now() - began).toBeLessThan(100);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
});
