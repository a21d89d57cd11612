import fc from 'fast-check';
import stringWidthOfPackage from 'string-width';
import { expect, test } from 'vitest';
import stringWidth from '../../tools/lazy-string-width.ts';

function plainCharacters(): string[] {
  const ranges = [
    [0x20, 0x7e],
    [0xb7, 0xb7],
    [0x2013, 0x2026],
    [0xac00, 0xd7a3],
  ] as const;
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
  );
}

test('each character that is counted without the package is as wide as it says', () => {
  const characters = plainCharacters();
  expect(characters.length).toBeGreaterThan(11_000);
  expect(characters.filter((one) => stringWidth(one) !== stringWidthOfPackage(one))).toEqual([]);
});

test('texts of them are, and so are all others', () => {
  const plain = fc.array(fc.constantFrom(...plainCharacters())).map((characters) => characters.join(''));
  const any = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.oneof(plain, any, fc.tuple(plain, any).map(String)), (text) => {
      expect(stringWidth(text)).toBe(stringWidthOfPackage(text));
    }),
  );
});

test.each([
  ['가', 2],
  // A syllable in parts, two marks that join, colours of a terminal, an emoji of several.
  ['\u1112\u1161\u11ab', 2],
  ['e\u0301', 1],
  ['\u001b[31mred\u001b[39m', 3],
  ['👩‍👩‍👧', 2],
  ['', 0],
])('%j is %i wide', (text, width) => {
  expect(stringWidth(text)).toBe(width);
});

test('what is asked of the package itself is answered by it', () => {
  expect(stringWidth('…', { ambiguousIsNarrow: false })).toBe(2);
});
