import { describe, expect, test } from 'vitest';
import { tellRejection } from '../../../src/domain/rejection/rejection-words.ts';
import { makeListFolder, PAR, readList } from '../list-folder.ts';
import { makeWorkbook, textRow } from './workbook-maker.ts';
import { readWorkbookOf } from './xlsx-reading.ts';

const empty = '<c s="1"/>';

async function readRows(...rows: readonly string[]) {
  const { records, totals } = await readWorkbookOf({ rows: rows.join(''), formats: ['@'] });
  return { records, totals };
}

describe('the width of records', () => {
  test('rows are as wide as the first with two filled cells, whatever empty cells it ends in', async () => {
    const { records } = await readRows(
      textRow(1, 'Members'),
      textRow(2, 'user_id', 'par', '', 'memo').replace('</row>', `${empty}${empty}</row>`),
      textRow(3, '1'),
      `<row r="4"><c t="inlineStr"><is><t>2</t></is></c>${empty.repeat(9)}</row>`,
    );
    expect(records.map(({ cells }) => cells)).toEqual([
      ['Members'],
      ['user_id', 'par', '', 'memo'],
      ['1', '', '', ''],
      ['2', '', '', ''],
    ]);
  });

  test('a wider row keeps its cells, and the next is as wide as the header again', async () => {
    const { records } = await readRows(
      textRow(1, 'user_id', 'par'),
      textRow(2, '1', 'x', 'y', 'z'),
      textRow(3, '2'),
    );
    expect(records.map(({ cells }) => cells)).toEqual([
      ['user_id', 'par'],
      ['1', 'x', 'y', 'z'],
      ['2', ''],
    ]);
  });

  test('with one column there is nothing to fill up', async () => {
    const { records } = await readRows(textRow(1, 'user_id'), textRow(2, '1'));
    expect(records.map(({ cells }) => cells)).toEqual([['user_id'], ['1']]);
  });

  test('a blank cell in front is no width, and a row of blanks is none', async () => {
    const { records } = await readRows(
      textRow(1, ' ', ' ', ' ', ' '),
      textRow(2, '', 'user_id'),
      textRow(3, '1'),
    );
    expect(records.map(({ cells }) => cells)).toEqual([['', 'user_id'], ['1']]);
  });
});

describe('blank rows', () => {
  test('are counted above a row with content, written or not, and below none', async () => {
    const { records, totals } = await readRows(
      '<row r="2"/>',
      textRow(3, 'user_id', 'par'),
      `<row r="4">${empty}</row>`,
      textRow(5, '  ', '\t'),
      textRow(9, '1', 'x'),
      `<row r="10">${empty}</row>`,
      textRow(11, ' '),
    );
    expect(records.map(({ line }) => line)).toEqual([3, 9]);
    expect(totals).toEqual({ records: 2, blankLines: 2 + 5 });
  });

  test('a sheet of nothing but blank rows has no records', async () => {
    const { records, totals } = await readRows(
      `<row r="1">${empty}</row>`,
      `<row r="1048576">${empty}</row>`,
    );
    expect(records).toEqual([]);
    expect(totals).toEqual({ records: 0, blankLines: 0 });
  });

  test('a sheet without any row has no records', async () => {
    expect((await readRows()).totals).toEqual({ records: 0, blankLines: 0 });
  });
});

describe('places', () => {
  test('a row without a number is the next one, a cell without a name in the next column', async () => {
    const { records } = await readRows(
      '<row><c t="str"><v>a</v></c><c r="D1" t="str"><v>b</v></c><c t="str"><v>c</v></c></row>',
      '<row r="7"><c r="B7" t="str"><v>d</v></c></row>',
      '<row><c t="str"><v>e</v></c></row>',
    );
    expect(records).toEqual([
      { line: 1, cells: ['a', '', '', 'b', 'c'] },
      { line: 7, cells: ['', 'd', '', '', ''] },
      { line: 8, cells: ['e', '', '', '', ''] },
    ]);
  });

  test('the last row and the last column there can be', async () => {
    const { records } = await readRows('<row r="1048576"><c r="XFD1048576" t="str"><v>end</v></c></row>');
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ line: 1_048_576 });
    expect(records[0]?.cells).toHaveLength(16_384);
    expect(records[0]?.cells.at(-1)).toBe('end');
  });

  test('hidden rows are rows, merged cells have their text in the first', async () => {
    const sheet =
      '<x:worksheet xmlns:x="m"><x:sheetData>' +
      '<x:row r="1" hidden="1"><x:c r="A1" t="str"><x:v>a</x:v></x:c><x:c r="B1"/><x:c r="C1" t="str"><x:v>c</x:v></x:c></x:row>' +
      '</x:sheetData><x:autoFilter ref="A1:C1"/><x:mergeCells><x:mergeCell ref="A1:B1"/></x:mergeCells>' +
      '<x:extLst><x:ext><x:row><x:c><x:v>not this</x:v></x:c></x:row></x:ext></x:extLst></x:worksheet>';
    const { records } = await readWorkbookOf({ parts: { 'xl/worksheets/sheet1.xml': sheet } });
    expect(records).toEqual([{ line: 1, cells: ['a', '', 'c'] }]);
  });

  test("what other programs keep beside a value or a row is nobody's", async () => {
    const { records } = await readRows(
      '<row> <c t="str"> <v>a</v> <extLst><ext><v>w</v></ext></extLst></c><extLst><ext>v</ext></extLst></row>',
    );
    expect(records).toEqual([{ line: 1, cells: ['a'] }]);
  });

  test.each([
    ['in a row', '<row>x<c t="str"><v>a</v></c></row>'],
    ['in a cell', '<row><c t="str">x<v>a</v></c></row>'],
    ['in an element of a cell that is unknown', '<row><c><value>1</value></c></row>'],
    ['in an element of a row that is unknown', '<row><foo><c t="str"><v>a</v></c></foo></row>'],
    ['in a cell without a row', '<c t="str"><v>a</v></c>'],
  ])('text %s is never passed over', async (_, rows) => {
    await expect(readRows(rows)).rejects.toThrow(/content in a place where none is allowed/);
  });
});

describe('marks', () => {
  test('are kept for cells of the record only', async () => {
    const formula = (r: string) => `<c r="${r}" t="str"><f>A1</f><v></v></c>`;
    const { records } = await readRows(
      `<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c>${formula('C1')}</row>`,
      `<row r="2"><c r="A2" t="str"><v>1</v></c>${formula('B2')}${formula('C2')}</row>`,
    );
    expect(records).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', ''], marks: [{ index: 1, kind: 'formula' }] },
    ]);
  });
});

test('an id whose formula has no saved result is not called empty: Excel shows its value', async () => {
  await using lists = await makeListFolder();
  const rows = [
    textRow(1, 'user_id', 'par'),
    `<row r="2"><c><f>A1+1</f></c><c t="str"><v>${PAR}</v></c></row>`,
    `<row r="3"><c><f>A1+1</f><v>5</v></c><c t="str"><v>${PAR}</v></c></row>`,
    `<row r="4"><c/><c t="str"><v>${PAR}</v></c></row>`,
  ];
  const read = await readList(await lists.write(makeWorkbook({ rows: rows.join('') }), 'list.xlsx'));
  const rejection = { reason: 'user_id_missing', column: 'user_id', isFormula: true } as const;
  expect(read.rows.map(({ content }) => content)).toEqual([
    { kind: 'rejected', rejection },
    expect.objectContaining({ kind: 'record', userId: '5' }),
    { kind: 'rejected', rejection: { ...rejection, isFormula: false } },
  ]);
  expect(tellRejection({ rejection, message: null }, 'en')).toMatch(
    /^user_id holds a formula without a saved result; open /,
  );
});
