import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exitCodes, worstExitCode, type ExitCode } from '../../src/domain/exit-code.ts';

/** 9 > 1 > 8 > 7 > 130/143 > 6 > 4 > 3 > 0. */
const order: readonly (readonly ExitCode[])[] = [[9], [1], [8], [7], [130, 143], [6], [4], [3], [0]];

test('of two codes the one further up in the contract is the worse', () => {
  for (const [place, worse] of order.entries()) {
    for (const better of order.slice(place + 1).flat()) {
      for (const code of worse) {
        expect(worstExitCode([code, better])).toBe(code);
        expect(worstExitCode([better, code])).toBe(code);
      }
    }
  }
});

test.each([exitCodes.usage, exitCodes.listRefused])(
  '%i beside a list that was called is not hidden',
  (code) => {
    for (const other of [0, 3, 4] as const) expect(worstExitCode([other, code])).toBe(code);
    for (const other of [6, 130, 143, 7, 8, 1, 9] as const) expect(worstExitCode([other, code])).toBe(other);
  },
);

test('no list at all is done', () => {
  expect(worstExitCode([])).toBe(0);
});

test('the worst is always one of them, whatever their order', () => {
  const code = fc.constantFrom<ExitCode>(...Object.values(exitCodes));
  fc.assert(
    fc.property(fc.array(code, { minLength: 1 }), (codes) => {
      const worst = worstExitCode(codes);
      expect(codes).toContain(worst);
      expect(worstExitCode(codes.toReversed())).toBe(worst);
    }),
  );
});

test('every code has its own number', () => {
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length);
  expect(Object.values(exitCodes).toSorted((a, b) => a - b)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143,
  ]);
});
