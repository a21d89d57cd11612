import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardFormula, unguardFormula } from '../../src/domain/formula-guard.ts';

const risky = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
const cell = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom("'", ...risky, 'a', '1', ' ', '"', ','), maxLength: 8 }),
);

describe('guard', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['-5', "'-5"],
    ['\n=1', "'\n=1"],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    ["''=1", "'''=1"],
    ['abc', 'abc'],
    ["'abc", "'abc"],
    ["O'Neill", "O'Neill"],
    ['', ''],
    ["'", "'"],
    ['a=1', 'a=1'],
  ])('%j is written %j', (raw, written) => {
    expect(guardFormula(raw)).toBe(written);
    expect(unguardFormula(written)).toBe(raw);
  });

  test('what is written never begins like a formula', () => {
    fc.assert(
      fc.property(cell, (raw) => {
        const [first = ''] = guardFormula(raw);
        expect(risky).not.toContain(first);
      }),
      { numRuns: 1_000 },
    );
  });

  test('taking it off gives back exactly what there was', () => {
    fc.assert(
      fc.property(cell, (raw) => {
        expect(unguardFormula(guardFormula(raw))).toBe(raw);
        expect(unguardFormula(guardFormula(guardFormula(raw)))).toBe(guardFormula(raw));
      }),
      { numRuns: 1_000 },
    );
  });
});
