import { describe, expect, test } from 'vitest';
import { type ColumnsFault, findColumns, type WantedColumns } from '../../src/intake/header/list-columns.ts';
import { PAR } from './list-folder.ts';

const byName: WantedColumns = { userId: null, par: null };

function faultOf(header: string[], wanted = byName): ColumnsFault {
  const found = findColumns(header, wanted);
  if (found.kind === 'fault') return found;
  expect.unreachable();
}

describe('found by name', () => {
  test.each([
    ['user_id', 'par'],
    ['userId', 'PAR'],
    ['USER ID', 'Par.'],
    ['ｕｓｅｒＩＤ', 'ｐａｒ'],
    ['회원번호', '카드토큰'],
    ['회원 ID', '카드 식별값'],
    ['고객번호', 'payment-account-reference'],
    ['고객번호'.normalize('NFD'), 'paymentAccountReference'],
    ['Member-ID', 'card_token'],
  ])('%s and %s', (userId, par) => {
    expect(findColumns(['memo', par, userId], byName)).toEqual({ kind: 'found', userId: 2, par: 1 });
  });

  test('other columns may be equal or empty', () => {
    expect(findColumns(['user_id', '', 'memo', 'memo', '', 'par'], byName)).toMatchObject({
      userId: 0,
      par: 5,
    });
  });
});

describe('named by the job', () => {
  test('the name given wins over the names known', () => {
    const wanted = { userId: 'legacy key', par: null };
    expect(findColumns(['user_id', 'Legacy-Key', 'par'], wanted)).toMatchObject({ userId: 1, par: 2 });
  });

  test('the exact name wins over one that is only alike', () => {
    const wanted = { userId: 'User_ID', par: null };
    expect(findColumns(['user_id', 'User_ID', 'par'], wanted)).toMatchObject({ userId: 1 });
    expect(faultOf(['user_id', 'USERID', 'par'], wanted)).toMatchObject({
      reason: 'column_twice',
      column: 2,
    });
  });

  test('one column for both is refused', () => {
    const fault = faultOf(['user_id', 'par'], { userId: 'par', par: null });
    expect(fault).toMatchObject({ reason: 'column_shared', column: 2 });
  });

  test('a name that is not there is refused with what is', () => {
    const fault = faultOf(['user_id', 'par'], { userId: null, par: 'card' });
    expect(fault).toMatchObject({ reason: 'column_missing', column: null });
    expect(fault.what.en).toBe('no column is named "card" for the PAR; headers seen: "user_id", "par"');
  });

  test('a name of punctuation only matches nothing but itself', () => {
    expect(faultOf(['', '!', 'par'], { userId: '-', par: null })).toMatchObject({ reason: 'column_missing' });
    expect(findColumns(['', '-', 'par'], { userId: '-', par: null })).toMatchObject({ userId: 1 });
  });
});

describe('refused', () => {
  test.each([
    ['no user id', ['name', 'par'], 'column_missing', null],
    ['no PAR', ['user_id', 'name'], 'column_missing', null],
    ['a name that only contains one', ['user_id', 'department'], 'column_missing', null],
    ['the same name twice', ['user_id', 'par', 'user_id'], 'column_twice', 3],
    ['two names for one field', ['회원번호', 'member_id', 'par'], 'column_twice', 2],
    ['two PAR columns', ['user_id', 'par', '카드토큰'], 'column_twice', 3],
  ])('%s', (_, header, reason, column) => {
    expect(faultOf(header)).toMatchObject({ reason, column });
  });

  test('a list without a header is told so, and its data are masked', () => {
    const fault = faultOf(['1234567', PAR, '１２３４５６７８９０', PAR.toLowerCase()]);
    expect(fault.what.en).toContain("looks like a member's row");
    expect([fault.advice].flat()[0]?.en).toContain('header line');
    expect(`${fault.what.en} ${fault.what.ko}`).not.toMatch(/1234567|１２３４５６|BCDEFGH|bcdefgh/);
  });

  test('what was seen is capped and stays on one line', () => {
    const fault = faultOf(Array.from({ length: 40 }, (_, i) => `c${i}\n${'x'.repeat(100)}`));
    expect(fault.what.en).toContain('and 28 more');
    expect(fault.what.en).not.toContain('\n');
    expect(fault.what.en.length).toBeLessThan(1_000);
  });
});
