import { expect, test } from 'vitest';
import { compareTotals } from '../../tools/compare-totals.ts';

const expected = { rowsRead: 3, classes: { enrolled: 2, rejected: 1 } };

test('equal totals have no differences', () => {
  expect(compareTotals(expected, { rowsRead: 3, classes: { rejected: 1, enrolled: 2 } })).toEqual([]);
});

test('rows, a count, a missing class and one too many are each named', () => {
  expect(compareTotals(expected, { rowsRead: 4, classes: { enrolled: 3, conflict: 1 } })).toEqual([
    'rowsRead: expected 3, got 4',
    'enrolled: expected 2, got 3',
    'rejected: expected 1, got nothing',
    'conflict: expected nothing, got 1',
  ]);
});
