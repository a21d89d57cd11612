import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCopyValue, parseCopyLine } from '../../src/ledger/copy-text.ts';

const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: fc.constantFrom('\\', '\t', '\n', '\r', 'N', 'n', '\b', 'a', '가', '"') }),
);

test('a line gives its values back, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const line = values.map(formatCopyValue).join('\t');
      expect(line).not.toMatch(/[\n\r]/);
      expect(parseCopyLine(line)).toEqual(values);
    }),
  );
});

test('what the server writes for control characters is read', () => {
  expect(parseCopyLine('a\\bb\\ff\\vv\tt\\tt\t\\N\t\\\\N\tt')).toEqual([
    'a\bb\ff\vv',
    't\tt',
    null,
    '\\N',
    't',
  ]);
});
