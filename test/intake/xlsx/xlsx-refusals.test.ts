import { writeXlsx } from 'hucre';
import { describe, expect, test } from 'vitest';
import { looksLikeWorkbook } from '../../../src/intake/xlsx/xlsx-table.ts';
import { PAR } from '../list-folder.ts';
import {
  makeWorkbook,
  makeZip,
  SHEET_PART,
  STRINGS_PART,
  textRow,
  workbookParts,
  worksheet,
} from './workbook-maker.ts';
import { readContent, refusalOf } from './xlsx-reading.ts';

const KIB = 1024;
const good = `${textRow(1, 'user_id', 'par')}${textRow(2, '1', PAR)}`;

interface Case {
  readonly title: string;
  readonly content: Uint8Array;
  readonly says: RegExp;
}

const kinds: Case[] = [
  {
    title: 'an old workbook',
    content: compound('Root Entry', 'Workbook'),
    says: /Excel 97-2003 \(\.xls\); .*\.xlsx/,
  },
  { title: 'a workbook of Excel 5', content: compound('Book'), says: /Excel 97-2003/ },
  {
    title: 'a workbook under a password',
    content: compound('EncryptionInfo', 'EncryptedPackage'),
    says: /protected with a password.*; open it in Excel, take the password off/,
  },
  {
    title: 'a Word document of old',
    content: compound('WordDocument'),
    says: /another document of old Office/,
  },
  {
    title: 'a macro workbook',
    content: makeWorkbook({ parts: { 'xl/vbaProject.bin': 'x' } }),
    says: /macros/,
  },
  {
    title: 'a macro workbook that lost its macros',
    content: makeWorkbook({
      parts: {
        '[Content_Types].xml':
          '<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>',
      },
    }),
    says: /macros \(\.xlsm\)/,
  },
  {
    title: 'a binary workbook',
    content: makeWorkbook({ parts: { 'xl/workbook.bin': 'x' } }),
    says: /\.xlsb/,
  },
  {
    title: 'an OpenDocument file',
    content: makeZip([
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet', stored: true },
      { name: 'content.xml', content: '<office/>' },
    ]),
    says: /OpenDocument/,
  },
  {
    title: 'a Word document',
    content: makeZip([{ name: 'word/document.xml', content: '<w/>' }]),
    says: /looks like a Word document/,
  },
  {
    title: 'slides',
    content: makeZip([{ name: 'ppt/presentation.xml', content: '<p/>' }]),
    says: /PowerPoint/,
  },
  {
    title: 'Apple Numbers',
    content: makeZip([{ name: 'Index/Document.iwa', content: 'x' }]),
    says: /Numbers/,
  },
  {
    title: 'a zipped list',
    content: makeZip([{ name: 'list.csv', content: 'a' }]),
    says: /lists in it; unpack/,
  },
  {
    title: 'a zip file',
    content: makeZip([{ name: `${PAR}.txt`, content: 'a' }]),
    says: /without a workbook in it/,
  },
  {
    title: 'a zip file whose main part is no workbook',
    content: makeWorkbook({ parts: { 'xl/workbook.xml': '<document/>' } }),
    says: /without a workbook in it/,
  },
  {
    title: 'a workbook without its list of content types',
    content: makeWorkbook({ parts: { '[Content_Types].xml': null } }),
    says: /without a workbook in it/,
  },
  { title: 'a web page', content: Buffer.from('\n<html><table>'), says: /web page/ },
  { title: 'a text', content: Buffer.from(`user_id,par\n1,${PAR}`), says: /looks like plain text; .*\.csv/ },
  { title: 'some bytes', content: Buffer.from([1, 0, 2]), says: /nor any other known kind of file/ },
];

const damages: Case[] = [
  {
    title: 'cut at its end',
    content: makeWorkbook({ rows: good }).subarray(0, -10),
    says: /the zip file is incomplete, as after a download that broke off/,
  },
  {
    title: 'cut in the middle',
    content: makeWorkbook({ rows: good }).subarray(0, 900),
    says: /the zip file is incomplete/,
  },
  {
    title: 'its first bytes only',
    content: Buffer.from('PK\x03\x04', 'latin1'),
    says: /the zip file is incomplete/,
  },
  {
    title: 'a part twice',
    content: zipWith((parts) => [...parts, ...parts.slice(-1)]),
    says: /one part twice/,
  },
  {
    title: 'a part twice in other letters',
    content: zipWith((parts) => [...parts, { name: 'XL/WORKBOOK.XML', content: '' }]),
    says: /one part twice/,
  },
  {
    title: 'a part outside of itself',
    content: zipWith((parts) => [...parts, { name: '../x', content: '' }]),
    says: /the directory of its parts cannot be read/,
  },
  {
    title: 'more parts than any list',
    content: makeZip(Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}`, content: '', stored: true }))),
    says: /10001 parts/,
  },
  {
    title: 'a wrong checksum',
    content: sheetStating({ crc: 1 }),
    says: /does not have the bytes that were packed/,
  },
  { title: 'a size too small', content: sheetStating({ size: 10 }), says: /does not have the bytes/ },
  { title: 'a size too large', content: sheetStating({ size: 10_000 }), says: /does not have the bytes/ },
  { title: 'a part under a zip password', content: sheetStating({ flags: 0x801 }), says: /password/ },
  { title: 'an unknown way of packing', content: sheetStating({ method: 14 }), says: /Excel does not know/ },
  {
    title: 'a part that is not packed as stated',
    content: zipWith((parts) =>
      parts.map((part) =>
        part.name === SHEET_PART ? { ...part, stored: true, stated: { method: 8 } } : part,
      ),
    ),
    says: /cannot be unpacked/,
  },
  {
    title: 'no sheet part',
    content: makeWorkbook({ parts: { [SHEET_PART]: null } }),
    says: /a part of it is missing/,
  },
  {
    title: 'a sheet without relation',
    content: makeWorkbook({ parts: { 'xl/_rels/workbook.xml.rels': null } }),
    says: /so sheet ".*" has no content/,
  },
  {
    title: 'a sheet outside of the file',
    content: makeWorkbook({
      parts: {
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="http://host/x" TargetMode="External"/></Relationships>',
      },
    }),
    says: /so sheet ".*" has no content/,
  },
  {
    title: "another part in the sheet's place",
    content: withSheet('<styleSheet/>'),
    says: /contains something that is no sheet/,
  },
];

const xmls: Case[] = [
  {
    title: 'a sheet that ends early',
    content: withSheet('<worksheet><sheetData><row>'),
    says: /well-formed/,
  },
  { title: 'an empty sheet part', content: withSheet(''), says: /well-formed/ },
  {
    title: 'a tag that closes another',
    content: withSheet('<worksheet><a></worksheet>'),
    says: /well-formed/,
  },
  {
    title: "a character that XML can't hold",
    content: withSheet(worksheet(textRow(1, '\u0001'))),
    says: /well-formed/,
  },
  {
    title: 'an entity nobody knows',
    content: withSheet(worksheet(textRow(1, '&secret;'))),
    says: /well-formed/,
  },
  {
    title: 'a document type with entities',
    content: withSheet(`<!DOCTYPE x [<!ENTITY y "${PAR}">]>${worksheet(textRow(1, '&y;')).slice(55)}`),
    says: /document type/,
  },
  {
    title: 'a document type in the texts',
    content: makeWorkbook({ rows: good, strings: '', parts: { [STRINGS_PART]: '<!DOCTYPE sst><sst/>' } }),
    says: /document type/,
  },
  {
    title: 'bytes that are no UTF-8',
    content: withSheet(Buffer.from(worksheet(textRow(1, '김')).replace('김', '\xb1\xe8'), 'latin1')),
    says: /not UTF-8/,
  },
  {
    title: 'half a character at the end',
    content: withSheet(Buffer.from([0x3c, 0xea, 0xb0])),
    says: /not UTF-8/,
  },
  {
    title: 'an encoding that is not UTF-8',
    content: withSheet(`<?xml version="1.0" encoding="euc-kr"?>${worksheet(good).slice(55)}`),
    says: /not UTF-8/,
  },
  { title: 'elements without end', content: withSheet('<worksheet>'.repeat(5_000)), says: /nests deeper/ },
  {
    title: 'a tag without end',
    content: withSheet(`<worksheet ${'x="y" '.repeat(3)}z="${randomText(1_500 * KIB)}`),
    says: /more than 1 MiB/,
  },
  {
    title: 'a comment without end',
    content: withSheet(`<worksheet><!--${randomText(1_500 * KIB)}`),
    says: /more than 1 MiB/,
  },
];

describe.each([
  ['its kind', kinds],
  ['being damaged', damages],
  ['its XML', xmls],
])('refused for %s', (_, cases) => {
  test.each(cases)('$title', async ({ content, says }) => {
    const refusal = await refusalOf(content);
    expect(refusal).toMatchObject({ reason: 'workbook', file: 'list.xlsx', line: null, column: null });
    expect(refusal?.message).toMatch(/^list\.xlsx: [^\n]*; [^\n]+[^.]\.$/);
    expect(refusal?.message).toMatch(says);
    expect(String(refusal?.stack)).not.toContain(PAR);
    expect(refusal?.cause).toBeUndefined();
  });
});

describe('refused for one cell or row', () => {
  test.each([
    ['row zero', '<row r="0"/>', 'row 0', /an impossible number/],
    ['a row after the last', `${textRow(5, 'a')}<row r="1048577"/>`, 'row 5', /an impossible number/],
    ['a row number with letters', `${textRow(5, 'a')}<row r="6a"/>`, 'row 5', /an impossible number/],
    ['a row beyond the last by counting', `<row r="1048576"/><row/>`, 'row 1048576', /an impossible number/],
    ['a row that goes backwards', `${textRow(5, 'a')}${textRow(4, 'b')}`, 'row 5', /lower number/],
    ['a row twice', `${textRow(5, 'a')}${textRow(5, 'b')}`, 'row 5', /lower number/],
    ['a column beyond the last', '<row r="3"><c r="XFE3"/></row>', 'row 3', /where none can be/],
    [
      'a column beyond the last by counting',
      '<row r="3"><c r="XFD3"/><c/></row>',
      'row 3',
      /beyond the last column/,
    ],
    ['a cell of another row', '<row r="3"><c r="A4"/></row>', 'row 3', /a cell that belongs to another row/],
    ['a cell twice', '<row r="3"><c r="A3"/><c r="A3"/></row>', 'row 3', /out of order/],
    ['cells from right to left', '<row r="3"><c r="B3"/><c r="A3"/></row>', 'row 3', /out of order/],
    ['a cell called by no name', '<row r="3"><c r="3"/></row>', 'row 3', /where none can be/],
    [
      'a text that is not there',
      '<row r="3"><c r="B3" t="s"><v>2</v></c></row>',
      'cell B3',
      /text that does not exist/,
    ],
    [
      'a text by a word',
      '<row r="3"><c r="B3" t="s"><v>x</v></c></row>',
      'cell B3',
      /text that does not exist/,
    ],
    [
      'a text below the first',
      '<row r="3"><c r="B3" t="s"><v>-1</v></c></row>',
      'cell B3',
      /text that does not exist/,
    ],
    ['a type nobody knows', '<row r="3"><c r="B3" t="z"/></row>', 'cell B3', /of an unknown type/],
  ])('%s', async (_, rows, place, says) => {
    const refusal = await refusalOf(makeWorkbook({ rows, strings: '<si><t>a</t></si><si><t>b</t></si>' }));
    const where = place === 'row 0' ? 'list.xlsx: ' : `list.xlsx, ${place}: `;
    expect(refusal?.reason).toBe('workbook');
    expect(refusal?.message.startsWith(where)).toBe(true);
    expect(refusal?.message).toMatch(says);
    expect(refusal?.line).toBe(place === 'row 0' ? null : Number(/[0-9]+/.exec(place)?.[0]));
  });

  test('in another sheet the sheet is named', async () => {
    const rows = '<row r="3"><c r="B3" t="z"/></row>';
    const content = makeWorkbook({ sheets: [{ name: 'One' }, { name: '회원', rows }] });
    expect((await refusalOf(content, '회원'))?.message).toMatch(/^list\.xlsx, sheet "회원", cell B3: /);
    const backwards = makeWorkbook({ sheets: [{ name: 'One' }, { name: '회원', rows: rows + rows }] });
    expect((await refusalOf(backwards, '회원'))?.message).toMatch(/sheet "회원", cell B3: /);
  });
});

describe('sizes', () => {
  const texts = {
    'a byte over 64 KiB': 'x'.repeat(64 * KIB + 1),
    'over 64 KiB in bytes though not in characters': '가'.repeat(30_000),
    'far over 64 KiB': randomText(700 * KIB),
    'longer than a piece of XML may be': randomText(3_000 * KIB),
    'far over 64 KiB in runs': `${'x'.repeat(200_000)}</t></r><r><t>`.repeat(4),
  };
  const places: readonly (readonly [string, (text: string) => Uint8Array])[] = [
    [
      'inline',
      (text) => makeWorkbook({ rows: cellRow(`<c t="inlineStr"><is><r><t>${text}</t></r></is></c>`) }),
    ],
    [
      'shared',
      (text) =>
        makeWorkbook({ rows: cellRow('<c t="s"><v>0</v></c>'), strings: `<si><r><t>${text}</t></r></si>` }),
    ],
  ];
  const tooLarge = Object.entries(texts).flatMap(([title, text]) =>
    places.map(([place, make]) => ({ title: `${place}, ${title}`, content: make(text) })),
  );

  test.each(tooLarge.filter(({ title }) => title !== 'shared, longer than a piece of XML may be'))(
    'a cell is refused: $title',
    async ({ content }) => {
      const refusal = await refusalOf(content);
      expect(refusal).toMatchObject({ reason: 'field_too_large', line: 7, column: null });
      expect(refusal?.message).toMatch(
        /^list\.xlsx, cell B7: the text of this cell is larger than 64 KiB; shorten it/,
      );
    },
  );

  test('a value is refused as well', async () => {
    const rows = cellRow(`<c t="str"><v>${'x<!-- -->'.repeat(600_000)}</v></c>`);
    expect(await refusalOf(makeWorkbook({ rows }))).toMatchObject({ reason: 'field_too_large', line: 7 });
  });

  test('a text that no piece of XML may be is refused among the shared ones too', async () => {
    const content = tooLarge.find(
      ({ title }) => title === 'shared, longer than a piece of XML may be',
    )?.content;
    expect(await refusalOf(content ?? Buffer.alloc(0))).toMatchObject({ reason: 'workbook' });
  });

  test('exactly 64 KiB is read, and a larger text that no cell points to hurts nobody', async () => {
    const strings = `<si><t>${'x'.repeat(64 * KIB)}</t></si><si><t>${'x'.repeat(64 * KIB + 1)}</t></si><si><t>z</t></si>`;
    const rows = cellRow('<c t="s"><v>0</v></c><c t="s"><v>2</v></c>');
    const { records } = await readContent(makeWorkbook({ rows, strings }));
    expect(records[0]?.cells.map((text) => text.length)).toEqual([0, 64 * KIB, 1]);
  });

  test('text of escapes is as large as what they stand for', async () => {
    const rows = textRow(1, '_x0041_'.repeat(64 * KIB));
    expect((await readContent(makeWorkbook({ rows }))).records[0]?.cells[0]).toHaveLength(64 * KIB);
  });

  test('a row over 1 MiB', async () => {
    const cells = '<c t="s"><v>0</v></c>'.repeat(17);
    const content = makeWorkbook({
      rows: cellRow(cells),
      strings: `<si><t>${'x'.repeat(64 * KIB)}</t></si>`,
    });
    const refusal = await refusalOf(content);
    expect(refusal).toMatchObject({ reason: 'row_too_large', line: 7 });
    expect(refusal?.message).toMatch(
      /^list\.xlsx, row 7: the text of this row is larger than 1024 KiB; shorten/,
    );
  });

  test('a file of no bytes', async () => {
    const refusal = await refusalOf(Buffer.alloc(0));
    expect(refusal?.reason).toBe('empty');
    expect(refusal?.message).toMatch(
      /^list\.xlsx: the file is empty and has not even a header; export the list again/,
    );
  });
});

describe('not refused', () => {
  test.each([
    ['a part stored as it is', zipWith((parts) => parts.map((part) => ({ ...part, stored: true })))],
    [
      'names in other letters',
      zipWith((parts) => parts.map((part) => ({ ...part, name: part.name.toUpperCase() }))),
    ],
    [
      'names with backslashes',
      zipWith((parts) => parts.map((p) => ({ ...p, name: p.name.replaceAll('/', '\\') }))),
    ],
    ['a folder as an entry', zipWith((parts) => [...parts, { name: 'xl/', content: '', stored: true }])],
    ['a list attached to it', makeWorkbook({ rows: good, parts: { 'xl/embeddings/list.xlsx': 'x' } })],
    ['UTF-8 with its mark', withSheet(`\ufeff${worksheet(good)}`)],
    ['UTF-16', withSheet(Buffer.from(`\ufeff${worksheet(good).slice(55)}`, 'utf16le'))],
    [
      'UTF-16 the other way round',
      withSheet(Buffer.from(`\ufeff${worksheet(good).slice(55)}`, 'utf16le').swap16()),
    ],
    [
      'an absolute target',
      makeWorkbook({
        rows: good,
        parts: {
          'xl/_rels/workbook.xml.rels':
            '<Relationships><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/worksheets/../worksheets/sheet1.xml"/></Relationships>',
        },
      }),
    ],
  ])('%s', async (_, content) => {
    const { records } = await readContent(content);
    expect(records.map(({ cells }) => cells)).toEqual([
      ['user_id', 'par'],
      ['1', PAR],
    ]);
  });
});

test('a file under a password as a library makes it', async () => {
  const sheets = [{ name: 'List', rows: [[PAR]] }];
  const content = await writeXlsx({ sheets, encryption: { password: 'secret', spinCount: 10 } });
  expect((await refusalOf(content))?.message).toMatch(/protected with a password/);
});

test('a workbook is known by its first bytes', () => {
  expect(looksLikeWorkbook(makeWorkbook().subarray(0, 4))).toBe(true);
  expect(looksLikeWorkbook(compound('Workbook'))).toBe(true);
  expect(looksLikeWorkbook(makeWorkbook().subarray(0, 3))).toBe(false);
  expect(looksLikeWorkbook(Buffer.from('user_id,par\n'))).toBe(false);
  expect(looksLikeWorkbook(Buffer.alloc(0))).toBe(false);
});

function cellRow(cells: string): string {
  return `<row r="7"><c/>${cells}</row>`;
}

function withSheet(content: string | Uint8Array): Buffer {
  return makeWorkbook({ parts: { [SHEET_PART]: content } });
}

function zipWith(
  change: (parts: ReturnType<typeof workbookParts>) => ReturnType<typeof workbookParts>,
): Buffer {
  return makeZip(change(workbookParts({ rows: good })));
}

function sheetStating(stated: { crc?: number; size?: number; flags?: number; method?: number }): Buffer {
  return zipWith((parts) => parts.map((part) => (part.name === SHEET_PART ? { ...part, stated } : part)));
}

/** Hardly compressible, so that its size and not its ratio is what is refused. */
function randomText(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (state % 26));
  }).join('');
}

/** The first sector and a directory of the Compound File Binary format, which is all that is looked at. */
function compound(...streams: readonly string[]): Buffer {
  const header = Buffer.alloc(512);
  header.write('d0cf11e0a1b11ae1', 'hex');
  const entries = streams.map((name) => {
    const entry = Buffer.alloc(128);
    entry.write(`${name}\0`, 'utf16le');
    entry.writeUInt16LE(2 * (name.length + 1), 64);
    entry[66] = 2;
    return entry;
  });
  // Far behind the start, and not at the start of a chunk of the file.
  return Buffer.concat([header, Buffer.alloc(70_000 - (70_000 % 128)), ...entries]);
}
