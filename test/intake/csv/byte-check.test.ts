import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteCheck, type ByteFault } from '../../../src/intake/csv/byte-check.ts';

function checkInChunks(bytes: Uint8Array, size: number): ByteFault | null {
  const check = new ByteCheck();
  for (let from = 0; from < bytes.length; from += size) {
    const fault = check.check(Buffer.from(bytes.subarray(from, from + size)));
    if (fault !== null) return fault;
  }
  return check.finish();
}

function isStrictUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const x = 0x78;

describe('undecodable', () => {
  test.each([
    ['a lone continuation', [x, 0x80], 1],
    ['an overlong slash', [x, x, 0xc0, 0xaf], 2],
    ['a surrogate', [x, 0xed, 0xa0, 0x80, x], 1],
    ['beyond U+10FFFF', [x, 0xf4, 0x90, 0x80, 0x80], 1],
    ['cut by another character', [x, 0xea, 0xb0, x], 1],
    ['cut by the end', [x, 0xf0, 0x9f, 0x98], 1],
    ['after good ones', [0xc3, 0xa9, 0xea, 0xb0, 0x80, 0xff], 5],
  ])('%s', (_, bytes, offset) => {
    for (const size of [1, 2, 3, bytes.length]) {
      const fault = checkInChunks(Uint8Array.from(bytes), size);
      expect(fault).toEqual({ kind: 'undecodable', offset, byte: bytes[offset] });
    }
  });
});

test('the first of two faults is told', () => {
  expect(checkInChunks(Uint8Array.of(x, 0, 0xff, x), 4)).toEqual({ kind: 'nul', offset: 1 });
  expect(checkInChunks(Uint8Array.of(x, 0xff, 0, x), 4)).toMatchObject({ kind: 'undecodable', offset: 1 });
});

test('agrees with a fatal TextDecoder, wherever chunks end', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ min: 1, maxLength: 12 }),
    fc
      .string({ unit: 'binary', maxLength: 8 })
      .map((text) => new TextEncoder().encode(text.replaceAll('\0', ''))),
    fc
      .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe0, 0xea, 0xed, 0xf0, 0xf4), { maxLength: 8 })
      .map((list) => Uint8Array.from(list)),
  );
  const counts = { good: 0, bad: 0 };
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 5 }), (content, size) => {
      const isGood = checkInChunks(Uint8Array.of(x, x, x, x, ...content), size) === null;
      expect(isGood).toBe(isStrictUtf8(content));
      counts[isGood ? 'good' : 'bad'] += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(counts.good).toBeGreaterThan(100);
  expect(counts.bad).toBeGreaterThan(100);
});
