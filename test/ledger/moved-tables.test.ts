import { expect, test } from 'vitest';
import { parentsFirst } from '../../src/ledger/engine/moved-tables.ts';

test('a table stands behind all that its foreign keys point to', () => {
  const keys = [
    { child: 'a', parent: 'c' },
    { child: 'c', parent: 'd' },
    { child: 'a', parent: 'b' },
  ];
  const order = parentsFirst(['a', 'b', 'c', 'd'], keys);
  expect(order).toHaveLength(4);
  for (const { child, parent } of keys) expect(order.indexOf(parent)).toBeLessThan(order.indexOf(child));
});

test('keys that go round are told', () => {
  const round = [
    { child: 'a', parent: 'b' },
    { child: 'b', parent: 'a' },
  ];
  expect(() => parentsFirst(['a', 'b'], round)).toThrow('go round');
});
