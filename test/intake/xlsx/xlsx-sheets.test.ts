import { expect, test } from 'vitest';
import { openXlsxTable } from '../../../src/intake/xlsx/xlsx-table.ts';
import { makeListFolder, openFile, refusalOf as listRefusalOf } from '../list-folder.ts';
import { makeWorkbook, type SheetParts, textRow } from './workbook-maker.ts';
import { readWorkbookOf, refusalOf } from './xlsx-reading.ts';

const sheets: readonly SheetParts[] = [
  { name: 'Chart', kind: 'chartsheet' },
  { name: 'Secret', state: 'hidden', rows: textRow(1, 'hidden') },
  { name: 'Deep', state: 'veryHidden', rows: textRow(1, 'very hidden') },
  { name: ' 회원 목록', rows: textRow(1, 'members') },
  { name: 'list', rows: textRow(1, 'small') },
  { name: 'List', rows: textRow(1, 'capital') },
  { name: 'A &amp; B', rows: textRow(1, 'escaped') },
];

test.each([
  ['the first visible one with cells', null, 'members'],
  ['by its name', 'List', 'capital'],
  ['an exact name before one in other letters', 'list', 'small'],
  ['in other letters', 'LIST', 'small'],
  ['without blanks around', ' 회원 목록  ', 'members'],
  ['in another Unicode form', '회원 목록'.normalize('NFD'), 'members'],
  ['a hidden one', 'secret', 'hidden'],
  ['a very hidden one', 'Deep', 'very hidden'],
  ['with a character that XML escapes', 'A & B', 'escaped'],
])('the sheet is chosen: %s', async (_, sheet, text) => {
  const { records } = await readWorkbookOf({ sheets }, sheet);
  expect(records.map(({ cells }) => cells)).toEqual([[text]]);
});

test.each([
  [
    'no such name',
    'Members',
    sheets,
    /it has no sheet "Members", its sheets are "Secret", .*"List", "A & B"; give the sheet that holds the list the name "Members"; or name the sheet /,
  ],
  ['a chart', 'Chart', sheets, /no sheet "Chart"/],
  [
    'none is visible',
    null,
    [{ name: 'Secret', state: 'hidden' } as const],
    /no sheet of it is visible, its sheets are "Secret"/,
  ],
  [
    'charts only',
    null,
    [{ name: 'Chart', kind: 'chartsheet' } as const],
    /no sheet of it is visible, nor any other/,
  ],
  [
    'more sheets than a sentence holds',
    'none',
    Array.from({ length: 15 }, (_, i) => ({ name: `S${i}` })),
    /"S11" and 3 more;/,
  ],
  [
    'names that are long, in lines or look like an id',
    'none',
    [{ name: 'x'.repeat(50) }, { name: 'a&#10;b' }, { name: '1234567890123' }],
    /"x{40}…", "a\?b", "12\*{7}0123";/,
  ],
])('refused, with the sheets there are: %s', async (_, sheet, given, sentence) => {
  const refusal = await refusalOf(makeWorkbook({ sheets: given }), sheet);
  expect(refusal).toMatchObject({ reason: 'sheet_missing', line: null, column: null, file: 'list.xlsx' });
  expect(refusal?.message).toMatch(sentence);
});

test('a cell is called by its letters, and by its sheet unless that is the first', async () => {
  await using lists = await makeListFolder();
  const path = await lists.write(makeWorkbook({ sheets }), 'list.xlsx');
  const nameIn = async (sheet: string | null, line: number, index: number) =>
    (await openXlsxTable(path, { sheet })).cellName(line, index)?.en;
  expect(await nameIn(null, 3, 1)).toBe('cell B3');
  expect(await nameIn('회원 목록', 3, 1)).toBe('cell B3');
  expect(await nameIn('list', 3, 1)).toBe('sheet "list", cell B3');
  expect(await nameIn('secret', 3, 1)).toBe('sheet "Secret", cell B3');
  const letters = [0, 25, 26, 51, 52, 701, 702, 16_383].map((index) => nameIn(null, 1, index));
  expect(await Promise.all(letters)).toEqual(
    ['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA', 'XFD'].map((name) => `cell ${name}1`),
  );
});

test('a table says what it is', async () => {
  await using lists = await makeListFolder();
  const path = await lists.write(makeWorkbook({ rows: textRow(1, 'a') }), '회원.xlsx');
  const table = await openXlsxTable(path, { sheet: null });
  expect(table).toMatchObject({ format: 'xlsx', name: '회원.xlsx', header: null });
});

test('sheets that are not read are told: members may stand on them too', async () => {
  await using lists = await makeListFolder();
  const header = textRow(1, 'user_id', 'par');
  const content = makeWorkbook({
    sheets: [
      { name: '1월', rows: header },
      { name: 'Secret', state: 'hidden', rows: header },
      { name: '2월', rows: header },
    ],
  });
  const list = await openFile(await lists.write(content, 'list.xlsx'));
  expect(list.sheets).toEqual({ read: '1월', unread: ['Secret', '2월'], hidden: ['Secret'] });
});

test.each([
  ['other text', textRow(1, '작성 방법'), /no column has a known name for the user id/],
  ['nothing', '', /sheet "안내" is empty and has not even a header/],
])('where the first sheet holds %s, the owner reads which other may be the list', async (_, rows, says) => {
  await using lists = await makeListFolder();
  const content = makeWorkbook({
    sheets: [
      { name: '안내', rows },
      { name: '회원', rows: textRow(1, 'user_id', 'par') },
    ],
  });
  const refusal = await listRefusalOf(await lists.write(content, 'list.xlsx'));
  expect(refusal?.message).toMatch(says);
  expect(refusal?.message).toMatch(
    /if the list is not on sheet "안내" but on "회원", make that sheet the first; or name it in list\.sheet/,
  );
});
