import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DistinctIds } from '../../../src/intake/rows/distinct-ids.ts';

const MOST = 40;

/** Few digits, so that many ids are equal, or differ in one half only. */
const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('0', '9'), { minLength: length, maxLength: length }).map((all) => all.join(''));
const someHeads = fc.constantFrom('1', '1000000000', '9999999999', '4294967297');
const ids = fc.integer({ min: 7, max: 10 }).chain((length) =>
  fc.array(
    fc
      .tuple(
        fc.oneof(
          someHeads.map((head) => head.padEnd(length, '0').slice(0, length)),
          digits(length - 1).map((rest) => `1${rest}`),
        ),
        fc.oneof(
          digits(9),
          fc.integer({ min: 0, max: 999_999_999 }).map((tail) => String(tail).padStart(9, '0')),
        ),
      )
      .map((halves) => halves.join('')),
    { maxLength: 300 },
  ),
);

test('tells whether an id was there before, as a Set does', () => {
  fc.assert(
    fc.property(ids, (all) => {
      const ours = new DistinctIds(MOST);
      const theirs = new Set<string>();
      for (const id of all) {
        expect(ours.add(id)).toBe(!theirs.has(id));
        theirs.add(id);
        expect(ours.size).toBe(theirs.size);
        if (theirs.size < MOST) continue;
        ours.clear();
        theirs.clear();
      }
    }),
  );
});
