import { describe, expect, test } from 'vitest';
import type { RowContent } from '../../src/domain/list-row.ts';
import { tellRejectionInBoth } from '../../src/domain/rejection/rejection-words.ts';
import { checkRow, readIdCells } from '../../src/intake/rows/row-content.ts';
import { PAR } from './list-folder.ts';

const layout = { header: ['id', 'par', 'name'], columns: { userId: 0, par: 1 } };

function check(cells: string[]): RowContent {
  return checkRow(cells, layout, readIdCells(cells, layout));
}

function rejectionOf(cells: string[]): string {
  const content = check(cells);
  if (content.kind === 'rejected')
    return tellRejectionInBoth({ rejection: content.rejection, message: null }) ?? '';
  throw new Error('The row was not rejected.');
}

describe('rejections', () => {
  test.each([
    [
      'user_id_missing',
      'id',
      [' ', PAR, ''],
      'id is empty; expected are 1 to 19 digits, not zero. | id: 비어 있습니다; 0이 아닌 1~19자리 숫자로 고쳐 주십시오.',
    ],
    ['user_id_zero', 'id', ['000', PAR, ''], 'id is zero; '],
    ['user_id_format', 'id', ['1.5', PAR, ''], 'id "**5" holds something other than digits; '],
    [
      'user_id_format',
      'id',
      ['12З', PAR, ''],
      'id "**З" holds something other than digits (U+0417); expected are 1 to 19 digits, not zero. | id: "**З" 숫자가 아닌 글자가 있습니다 (U+0417); ',
    ],
    ['user_id_format', 'id', ['①', PAR, ''], 'id "*" holds something other than digits (U+2460); '],
    [
      'user_id_length',
      'id',
      ['12345678901234567890', PAR, ''],
      'id "12**************7890" has more than 19 digits; ',
    ],
    ['par_missing', 'par', ['1', '', ''], 'par is empty; expected are exactly 27 characters of A-Z and 0-9.'],
    [
      'par_length',
      'par',
      ['1', PAR.slice(1), ''],
      'par "BC********************XYZ0" has 26 characters; expected are exactly 27 characters of A-Z and 0-9. | par: "BC********************XYZ0" 26자입니다; A-Z, 0-9로 된 정확히 27자로 고쳐 주십시오.',
    ],
    [
      'par_lower_case',
      'par',
      ['1', PAR.toLowerCase(), ''],
      'par "ab*********************xyz0" has small letters; ',
    ],
    [
      'par_format',
      'par',
      ['1', `А${PAR.slice(1)}`, ''],
      'par "АB*********************XYZ0" holds something other than A-Z and 0-9 (U+0410); ',
    ],
  ])('%s in column %s: %j', (reason, column, cells, message) => {
    expect(check(cells)).toMatchObject({ kind: 'rejected', rejection: { reason, column } });
    expect(rejectionOf(cells).startsWith(message)).toBe(true);
    expect(rejectionOf(cells)).toMatch(/^[^|]+\. \| [^|]*[가-힣][^|]*\.$/);
  });

  test('of two faults the user id is told', () => {
    expect(check(['x', 'x', ''])).toMatchObject({ rejection: { reason: 'user_id_format' } });
  });

  test('a long cell with line breaks is shown on one line and capped', () => {
    const message = rejectionOf([`1\n${'2'.repeat(5_000)}`, PAR, '']);
    expect(message).toMatch(
      /^id "1 \*+2222…" \(5002 characters\) holds[^\n]* \| id: "1 \*+2222…" \(5002자\) [^\n]*$/,
    );
    expect(message.length).toBeLessThan(300);
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
  expect(check([' 007 ', PAR, 'Kim'])).toEqual({ kind: 'record', userId: '7', par: PAR });
});
