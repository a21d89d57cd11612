import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { formatTable } from '../../src/cli/terminal/table.ts';

test('text to the left, numbers to the right, no blanks at a line\u2019s end', () => {
  expect(
    formatTable(
      ['class', 'rows', 'who must act'],
      [
        ['enrolled', 12_345, 'nobody'],
        ['bad_data', 7, 'list owner'],
      ],
    ),
  ).toBe(
    [
      '  class      rows  who must act',
      '  enrolled  12345  nobody',
      '  bad_data      7  list owner',
      '',
    ].join('\n'),
  );
});

test('Hangul is two columns wide', () => {
  const lines = formatTable(
    ['이름', 'line'],
    [
      ['가나다라', 1],
      ['abc', 20],
      ['가b', 300],
    ],
  )
    .trimEnd()
    .split('\n');
  expect(new Set(lines.map((line) => stringWidth(line)))).toEqual(new Set([stringWidth('  가나다라  line')]));
  expect(lines[2]).toBe('  abc         20');
});

test('a column in which one cell is text stands to the left', () => {
  expect(formatTable(['n'], [[1_000], ['-']])).toBe('  n\n  1000\n  -\n');
});

test('without rows only the header', () => {
  expect(formatTable(['a', 'b'], [])).toBe('  a  b\n');
});

test('a short row leaves its last cells empty', () => {
  expect(formatTable(['a', 'b'], [['x']])).toBe('  a  b\n  x\n');
});
