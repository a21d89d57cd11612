import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePar } from '../../src/domain/identity/par.ts';
import { parseUserId } from '../../src/domain/identity/user-id.ts';

describe('user id', () => {
  test.each([
    ['1', '1'],
    [' 42\t', '42'],
    ['0007', '7'],
    ['9007199254740993', '9007199254740993'],
    ['9999999999999999999', '9999999999999999999'],
    ['00000000009999999999999999999', '9999999999999999999'],
    ['\uFEFF12', '12'],
    ['12\n', '12'],
  ])('%j is %s', (cell, userId) => {
    expect(parseUserId(cell)).toBe(userId);
  });

  test.each([
    ['', 'user_id_missing'],
    [' \u00A0\t', 'user_id_missing'],
    ['0', 'user_id_zero'],
    ['000', 'user_id_zero'],
    ['10000000000000000000', 'user_id_length'],
    ['-1', 'user_id_format'],
    ['+1', 'user_id_format'],
    ['1.0', 'user_id_format'],
    ['1.23457E+18', 'user_id_format'],
    ['1,234', 'user_id_format'],
    ['12 34', 'user_id_format'],
    ['１２', 'user_id_format'],
    ['abc', 'user_id_format'],
  ])('%j: %s', (cell, fault) => {
    expect(parseUserId(cell)).toEqual({ fault });
  });

  test('every id of 1 to 19 digits comes through digit for digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 9_999_999_999_999_999_999n }), (id) => {
        expect(parseUserId(String(id))).toBe(String(id));
      }),
    );
  });
});

describe('PAR', () => {
  const par = 'Q1HJZ28RKA1EBL470G9XYG90R5D';

  test.each([par, ` ${par} `, '0'.repeat(27)])('%j is one', (cell) => {
    expect(parsePar(cell)).toBe(cell.trim());
  });

  test.each([
    ['', 'par_missing'],
    ['  ', 'par_missing'],
    [par.slice(1), 'par_length'],
    [`${par}A`, 'par_length'],
    [par.toLowerCase(), 'par_lower_case'],
    [`${par.slice(1)}-`, 'par_format'],
    [`${par.slice(1)}가`, 'par_format'],
    [`${par.slice(1)}Ａ`, 'par_format'],
    [`${par.slice(0, 13)}\n${par.slice(14)}`, 'par_format'],
  ])('%j: %s', (cell, fault) => {
    expect(parsePar(cell)).toEqual({ fault });
  });
});
