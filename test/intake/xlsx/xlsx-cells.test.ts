import { describe, expect, test } from 'vitest';
import { readCells, readWorkbookOf } from './xlsx-reading.ts';

describe('text', () => {
  const strings = [
    '<si><t>plain</t></si>',
    '<si><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> and not</t></r></si>',
    '<si><t>課</t><rPh sb="0" eb="1"><t>カ</t></rPh><phoneticPr fontId="1"/></si>',
    '<si><r><t>東</t></r><rPh sb="0" eb="1"><t>ト</t></rPh><r><t>京</t></r></si>',
    '<si/>',
    '<si><t>a &lt; b &amp; c&#10;d</t></si>',
  ].join('');

  test('shared, with runs joined and the pronunciation left out', async () => {
    const cells = [0, 1, 2, 3, 4, 5].map((index) => `<c t="s"><v>${index}</v></c>`);
    const record = await readCells(cells, { strings });
    expect(record.cells).toEqual(['plain', 'bold and not', '課', '東京', '', 'a < b & c\nd']);
    expect(record).not.toHaveProperty('marks');
  });

  test('inline, with runs joined and the pronunciation left out', async () => {
    const record = await readCells([
      '<c t="inlineStr"><is><t>plain</t></is></c>',
      '<c t="inlineStr"><is><r><t>bold</t></r><r><t> and not</t></r></is></c>',
      '<c t="inlineStr"><is><t>課</t><rPh sb="0" eb="1"><t>カ</t></rPh></is></c>',
      '<c t="inlineStr"/>',
      '<c t="inlineStr"><v>in its value</v></c>',
      '<c t="inlineStr"><is><t><![CDATA[<&]]> in <!-- not this -->two</t></is></c>',
    ]);
    expect(record.cells).toEqual(['plain', 'bold and not', '課', '', 'in its value', '<& in two']);
  });

  test('one cell has nothing of the one before', async () => {
    const record = await readCells(['<c t="inlineStr"><is><t>a</t></is></c>', '<c t="inlineStr"/>', '<c/>']);
    expect(record.cells).toEqual(['a', '', '']);
  });

  test.each([
    ['a return', 'a_x000D_b', 'a\rb'],
    ['small hex digits', 'a_x000d_b', 'a\rb'],
    ['an underscore before what looks like an escape', 'a_x005F_x000D_b', 'a_x000D_b'],
    ['two that share an underscore', '_x0041_x0042_', 'Ax0042_'],
    ['no hex', '_x00G0_', '_x00G0_'],
    ['two halves of one character', '_xD83D__xDE00_', '😀'],
    ['half a character stays as it is', 'a_xD83D_b', 'a_xD83D_b'],
    ['NUL stays as it is', 'a_x0000_b', 'a_x0000_b'],
  ])('escapes, in all three places: %s', async (_, stored, text) => {
    const record = await readCells(
      [
        '<c t="s"><v>0</v></c>',
        `<c t="inlineStr"><is><t>${stored}</t></is></c>`,
        `<c t="str"><v>${stored}</v></c>`,
      ],
      { strings: `<si><t>${stored}</t></si>` },
    );
    expect(record.cells).toEqual([text, text, text]);
  });

  test('truth values as Excel shows them, and errors', async () => {
    const record = await readCells([
      '<c t="b"><v>1</v></c>',
      '<c t="b"><v>0</v></c>',
      '<c t="b"><v>true</v></c>',
      '<c t="b"><v>false</v></c>',
      '<c t="e"><v>#N/A</v></c>',
    ]);
    expect(record.cells).toEqual(['TRUE', 'FALSE', 'TRUE', 'FALSE', '#N/A']);
    expect(record.marks).toEqual([{ index: 4, kind: 'error' }]);
  });
});

describe('numbers', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.0', '0'],
    ['7', '7'],
    ['007', '7'],
    ['-12.50', '-12.5'],
    ['5.0', '5'],
    ['1.23E+5', '123000'],
    ['1.23e5', '123000'],
    ['1E-7', '0.0000001'],
    ['12.5E-1', '1.25'],
    ['.5', '0.5'],
    ['123456789012345', '123456789012345'],
    ['1.23456789012345E+14', '123456789012345'],
    ['0.10000000000000001', '0.1'],
    ['1234.5599999999999', '1234.56'],
    ['1e-400', '0'],
    [' 12 ', '12'],
    ['', ''],
    ['n/a', 'n/a'],
  ])('%s is read as %s', async (stored, text) => {
    expect(await readCells([`<c><v>${stored}</v></c>`])).toEqual({ line: 1, cells: [text] });
  });

  test.each([
    ['12345678901234567', '12345678901234567'],
    ['1234567890123456', '1234567890123456'],
    ['1000000000000000', '1000000000000000'],
    ['1.23456789012345E+18', '1234567890123450000'],
    ['9.9999999999999999E+18', '9999999999999999900'],
    ['1.0000000000000001E+18', '1000000000000000100'],
    ['9999999999999999999', '9999999999999999999'],
    ['-12345678901234567', '-12345678901234567'],
    ['12345678901234567.5', '12345678901234567.5'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['1E+15', '1000000000000000'],
    ['1E+999999999', '1E+999999999'],
  ])('%s is longer than a spreadsheet keeps: %s', async (stored, text) => {
    expect(await readCells([`<c t="n"><v>${stored}</v></c>`])).toEqual({
      line: 1,
      cells: [text],
      marks: [{ index: 0, kind: 'long_number' }],
    });
  });

  test('a long run of zeros takes no longer than it is', async () => {
    const { cells } = await readCells([`<c><v>1.${'0'.repeat(60_000)}1</v></c>`]);
    expect(cells).toEqual(['1']);
  });
});

describe('dates', () => {
  test.each([
    ['45322', '2024-01-31'],
    ['45322.545138888891', '2024-01-31T13:05:00'],
    ['45322.999998', '2024-02-01'],
    ['1', '1900-01-01'],
    ['59', '1900-02-28'],
    ['60', '1900-02-29'],
    ['61', '1900-03-01'],
    ['2958465', '9999-12-31'],
    ['0.5', '12:00:00'],
    ['1.5', '1900-01-01T12:00:00'],
  ])('day %s of the 1900 system is %s', async (stored, text) => {
    expect(await readCells([`<c s="1"><v>${stored}</v></c>`], { formats: [14] })).toEqual({
      line: 1,
      cells: [text],
      marks: [{ index: 0, kind: 'date' }],
    });
  });

  test.each([
    ['0', '1904-01-01'],
    ['43860', '2024-01-31'],
    ['43860.545138888891', '2024-01-31T13:05:00'],
  ])('day %s of the 1904 system is %s', async (stored, text) => {
    const record = await readCells([`<c s="1"><v>${stored}</v></c>`], { formats: [14], date1904: true });
    expect(record.cells).toEqual([text]);
    expect(record.marks).toEqual([{ index: 0, kind: 'date' }]);
  });

  test.each([
    ['2958466', '2958466', undefined],
    ['-1', '-1', undefined],
    ['1234567890', '1234567890', undefined],
    ['12345678901234567', '12345678901234567', [{ index: 0, kind: 'long_number' }]],
  ])('%s is no day, so the number stays', async (stored, text, marks) => {
    const record = await readCells([`<c s="1"><v>${stored}</v></c>`], { formats: [14] });
    expect(record.cells).toEqual([text]);
    expect(record.marks).toEqual(marks);
  });

  test('a cell of type d is a date as it stands', async () => {
    const record = await readCells(['<c t="d"><v>2024-01-31T00:00:00</v></c>', '<c t="d"/>']);
    expect(record.cells).toEqual(['2024-01-31T00:00:00', '']);
    expect(record.marks).toEqual([{ index: 0, kind: 'date' }]);
  });

  const builtIn = [...span(14, 22), ...span(27, 36), ...span(45, 47), ...span(50, 58)];
  const custom = [
    'yyyy-mm-dd',
    'YYYY/M/D',
    'yyyy"년" m"월" d"일"',
    'yyyy년 m월',
    'h:mm AM/PM',
    '[$-412]yyyy"년"',
    '[h]:mm:ss',
    'mmm\\-yy',
    '[Red]dd.mm.;@',
    'ss.000',
  ];
  test.each([...builtIn, ...custom])('format %s shows a date', async (format) => {
    const record = await readCells(['<c s="1"><v>45322.5</v></c>', '<c><v>45322.5</v></c>'], {
      formats: [format],
    });
    expect(record.cells).toEqual(['2024-01-31T12:00:00', '45322.5']);
    expect(record.marks).toEqual([{ index: 0, kind: 'date' }]);
  });

  test.each([
    0,
    1,
    2,
    4,
    9,
    11,
    12,
    13,
    23,
    26,
    37,
    44,
    48,
    49,
    59,
    'General',
    'GENERAL',
    '0.00',
    '@',
    '#,##0"days"',
    '#,##0 \\d',
    '[Red]0',
    '[$-412]#,##0',
    '[h]',
    '[mm]',
    '0_d',
    '*y0',
    '#,##0"m',
    '[yyyy',
  ])('format %s shows a number', async (format) => {
    const record = await readCells(['<c s="1"><v>45322.5</v></c>'], { formats: [format] });
    expect(record).toEqual({ line: 1, cells: ['45322.5'] });
  });

  test('a built-in number with a code of its own follows the code', async () => {
    const styles =
      '<styleSheet><numFmts><numFmt numFmtId="14" formatCode="0.0"/></numFmts><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>';
    const record = await readCells(['<c s="1"><v>45322</v></c>'], { parts: { 'xl/styles.xml': styles } });
    expect(record).toEqual({ line: 1, cells: ['45322'] });
  });

  test('a workbook without styles, or a cell with one that is not there, has numbers', async () => {
    const relations =
      '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>';
    const parts = { 'xl/styles.xml': null, 'xl/_rels/workbook.xml.rels': relations };
    expect((await readCells(['<c s="1"><v>1</v></c>'], { parts })).cells).toEqual(['1']);
    expect((await readCells(['<c s="99"><v>1</v></c>'])).cells).toEqual(['1']);
  });
});

describe('formulas', () => {
  test('give the value kept with them, marked as that and as what the value is', async () => {
    const record = await readCells(
      [
        '<c t="str"><f>A2&amp;"x"</f><v>12x</v></c>',
        '<c s="1"><f>TODAY()</f><v>45322</v></c>',
        '<c><f t="shared" si="0"/><v>12345678901234567</v></c>',
        '<c t="e"><f>NA()</f><v>#N/A</v></c>',
        '<c t="b"><f>TRUE()</f><v>1</v></c>',
        '<c><v>1</v></c>',
      ],
      { formats: [14] },
    );
    expect(record.cells).toEqual(['12x', '2024-01-31', '12345678901234567', '#N/A', 'TRUE', '1']);
    expect(record.marks).toEqual([
      { index: 0, kind: 'formula' },
      { index: 1, kind: 'date' },
      { index: 1, kind: 'formula' },
      { index: 2, kind: 'long_number' },
      { index: 2, kind: 'formula' },
      { index: 3, kind: 'error' },
      { index: 3, kind: 'formula' },
      { index: 4, kind: 'formula' },
    ]);
  });

  test('one that nobody computed is an empty text that still counts as a cell', async () => {
    const { records } = await readWorkbookOf({
      rows: '<row><c r="A1" t="str"><v>a</v></c><c r="B1"><f>A1</f></c></row><row><c r="A2"><f>1+1</f><v/></c></row>',
    });
    expect(records).toEqual([
      { line: 1, cells: ['a', ''], marks: [{ index: 1, kind: 'formula' }] },
      { line: 2, cells: ['', ''], marks: [{ index: 0, kind: 'formula' }] },
    ]);
  });

  test('one that gave the empty text is empty, also in all rows below the list', async () => {
    const empty = '<c r="B2" t="str"><f>IF(A2="","",1)</f><v></v></c>';
    const { records, totals } = await readWorkbookOf({
      rows:
        '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>' +
        `<row><c r="A2" t="str"><v>1</v></c>${empty}<c r="C2" t="str"><f>""</f></c></row>` +
        `<row r="3">${empty.replace('B2', 'B3')}</row>`,
    });
    expect(records).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', ''], marks: [{ index: 1, kind: 'formula' }] },
    ]);
    expect(totals).toEqual({ records: 2, blankLines: 0 });
  });
});

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
