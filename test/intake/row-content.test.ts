import { describe, expect, test } from 'vitest';
import { checkRow } from '../../src/intake/row-content.ts';
import { PAR } from './list-folder.ts';

const layout = { header: ['id', 'par', 'name'], columns: { userId: 0, par: 1 } };

function rejectionOf(cells: string[]): string {
  const content = checkRow(cells, layout);
  if (content.kind === 'rejected') return content.message;
  throw new Error('The row was not rejected.');
}

describe('rejections', () => {
  test.each([
    ['user_id_missing', 'id', [' ', PAR, ''], 'id is empty; expected are 1 to 19 digits, not zero.'],
    ['user_id_zero', 'id', ['000', PAR, ''], 'id is zero; expected are 1 to 19 digits, not zero.'],
    [
      'user_id_format',
      'id',
      ['1.23457E+18', PAR, ''],
      'id "1.*****E+18" holds something other than digits; expected are 1 to 19 digits, not zero.',
    ],
    [
      'user_id_length',
      'id',
      ['12345678901234567890', PAR, ''],
      'id "12**************7890" has more than 19 digits; expected are 1 to 19 digits, not zero.',
    ],
    ['par_missing', 'par', ['1', '', ''], 'par is empty; expected are exactly 27 characters of A-Z and 0-9.'],
    [
      'par_length',
      'par',
      ['1', PAR.slice(1), ''],
      'par "BC********************XYZ0" has 26 characters; expected are exactly 27 characters of A-Z and 0-9.',
    ],
    [
      'par_format',
      'par',
      ['1', PAR.toLowerCase(), ''],
      'par "ab*********************xyz0" holds something other than A-Z and 0-9; expected are exactly 27 characters of A-Z and 0-9.',
    ],
    ['cells', null, ['1', PAR], 'The row has 2 cells where the header has 3 cells.'],
    ['cells', null, ['1'], 'The row has 1 cell where the header has 3 cells.'],
    ['cells', null, ['1', PAR, '', ''], 'The row has 4 cells where the header has 3 cells.'],
  ])('%s in column %s: %j', (reason, column, cells, message) => {
    expect(checkRow(cells, layout)).toEqual({ kind: 'rejected', reason, column, message });
  });

  test('of two faults the user id is told', () => {
    expect(checkRow(['x', 'x', ''], layout)).toMatchObject({ reason: 'user_id_format' });
  });

  test('a long cell with line breaks is shown on one line and capped', () => {
    const message = rejectionOf([`1\n${'2'.repeat(5_000)}`, PAR, '']);
    expect(message).toMatch(/^id "1\?\*+2222…" \(5002 characters\) holds[^\n]*$/);
    expect(message.length).toBeLessThan(200);
  });

  test('whole ids stand in no message', () => {
    const id = '98765432109876543210';
    for (const cells of [
      [id, PAR, ''],
      [`${id}x`, PAR, ''],
      ['1', id, ''],
      ['1', `${PAR}X`, ''],
    ]) {
      const message = rejectionOf(cells);
      expect(message).not.toMatch(new RegExp(`${id}|${PAR}`));
    }
  });
});

test('a good row is a record', () => {
  expect(checkRow([' 007 ', PAR, 'Kim'], layout)).toEqual({ kind: 'record', userId: '7', par: PAR });
});
