import { describe, expect, test } from 'vitest';
import { normaliseIdCell, type Normalisation } from '../../src/intake/rows/id-cell.ts';
import { makeListFolder, PAR, readList } from './list-folder.ts';

const wide = (text: string): string =>
  Array.from(text, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)).join('');

describe('put right and counted', () => {
  const cases: readonly (readonly [string, string, string, readonly Normalisation[]])[] = [
    ['full-width digits', wide('123'), '123', ['full_width']],
    ['a no-break space behind', '123\u00a0', '123', ['no_break_space']],
    ['an ideographic space before', '\u3000123', '123', ['no_break_space']],
    ['a zero-width space inside', '12\u200b3', '123', ['zero_width']],
    ['direction marks around', '\u200e123\u202c', '123', ['zero_width']],
    ['a byte order mark inside', '1\ufeff23', '123', ['byte_order_mark']],
    ['="0123"', '="0123"', '0123', ['text_formula', 'leading_zeros']],
    ['a leading apostrophe', "'123", '123', ['apostrophe']],
    ['.0 of a data frame', '123456789012345.0', '123456789012345', ['decimal_zero']],
    ['.00', '7.00', '7', ['decimal_zero']],
    [
      '.0 behind filled-up zeros',
      '0001234567890123.0',
      '0001234567890123',
      ['decimal_zero', 'leading_zeros'],
    ],
    ['leading zeros', '00123', '00123', ['leading_zeros']],
    [
      'several at once',
      `\u00a0'${wide('007')}.0`,
      '007',
      ['no_break_space', 'apostrophe', 'full_width', 'decimal_zero', 'leading_zeros'],
    ],
    ['plain blanks are nothing to speak of', '  123\t', '123', []],
    ['nothing', '123', '123', []],
    ['zero alone is no leading zero', '0', '0', []],
  ];
  test.each(cases)('%s', (_, cell, text, changes) => {
    expect(normaliseIdCell(cell, 'userId')).toEqual({ text, changes });
  });
});

describe('left as it is', () => {
  test.each([
    ['no other compatibility folding', '①②'],
    ['a space inside', '12 3'],
    ['.0 of more digits than a float holds', '1234567890123456.0'],
    ['so with zeros before them', '0001234567890123456.0'],
    ['.5', '1.5'],
    ['Cyrillic', 'А'],
  ])('%s', (_, cell) => {
    expect(normaliseIdCell(cell, 'userId')).toEqual({ text: cell, changes: [] });
  });

  test('in a PAR zeros belong to it, and small letters stay small', () => {
    expect(normaliseIdCell('00A.0', 'par')).toEqual({ text: '00A.0', changes: [] });
    expect(normaliseIdCell(wide('abC'), 'par')).toEqual({ text: 'abC', changes: ['full_width'] });
  });
});

test('of a list each kind is counted in cells, and the original cells stay', async () => {
  await using lists = await makeListFolder();
  const cells = [
    ['007', PAR],
    [wide('8'), wide(PAR)],
    ["'9", `="${PAR}"`],
    ['10\u00a0', PAR.toLowerCase()],
  ];
  const { list, rows } = await readList(
    await lists.write(`user_id,par\n${cells.map((row) => row.join(',')).join('\n')}\n`),
  );
  expect(rows.map((row) => row.cells)).toEqual(cells);
  expect(
    rows.map(({ content }) => ('userId' in content ? content.userId : content.rejection.reason)),
  ).toEqual(['7', '8', '9', 'par_lower_case']);
  const { normalised } = list.counts();
  expect(Object.entries(normalised).filter(([, count]) => count > 0)).toEqual([
    ['full_width', 2],
    ['no_break_space', 1],
    ['text_formula', 1],
    ['apostrophe', 1],
    ['leading_zeros', 1],
  ]);
});
