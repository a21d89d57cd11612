import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ListRefusedError } from '../../../src/intake/list-errors.ts';
import { readPlainCell, readPlainRow } from '../../../src/intake/xlsx/xlsx-plain-forms.ts';
import type { FinishedRow } from '../../../src/intake/xlsx/xlsx-row.ts';
import { SheetReader } from '../../../src/intake/xlsx/xlsx-sheet.ts';
import { SharedStrings, sharedStringHandlers } from '../../../src/intake/xlsx/xlsx-strings.ts';
import { DateStyles } from '../../../src/intake/xlsx/xlsx-styles.ts';
import { type XmlHandlers, XmlReader } from '../../../src/intake/xlsx/xml/xml-reader.ts';

type Way = 'at once' | 'by events';

/** Reads the pieces of a document; `by events` leaves out what reads whole elements. Returns the fault, if any. */
function readPieces(pieces: readonly Buffer[], handlers: XmlHandlers, way: Way): string | null {
  const byEvents: XmlHandlers = {
    open: (name, attributes) => {
      handlers.open(name, attributes);
    },
    text: (text) => {
      handlers.text(text);
    },
    close: (name) => {
      handlers.close(name);
    },
  };
  const reader = new XmlReader(way === 'at once' ? handlers : byEvents, refuse);
  try {
    for (const piece of pieces) reader.write(piece);
    reader.end();
    return null;
  } catch (error) {
    if (error instanceof ListRefusedError) return error.message;
    throw error;
  }
}

function refuse(what: unknown): ListRefusedError {
  const told = JSON.stringify(what);
  const words = { en: told, ko: told };
  return new ListRefusedError({
    reason: 'workbook',
    file: 'a.xlsx',
    line: null,
    column: null,
    what: words,
    advice: words,
  });
}

interface SheetReading {
  readonly rows: readonly FinishedRow[];
  readonly fault: string | null;
}

function readSheet(pieces: readonly Buffer[], way: Way): SheetReading {
  const strings = new SharedStrings();
  for (const text of ['회원번호', '1000000007919999983', '']) strings.add(text);
  strings.add(null);
  const dates = new DateStyles();
  for (const format of [0, 14]) dates.addStyle(format);
  const sheet = new SheetReader({ strings, dates, date1904: false }, refuse);
  const fault = readPieces(pieces, sheet, way);
  return { rows: sheet.take(), fault };
}

function readStrings(pieces: readonly Buffer[], way: Way): unknown {
  const strings = new SharedStrings();
  const fault = readPieces(pieces, sharedStringHandlers(strings), way);
  const texts: (string | null)[] = [];
  for (let text = strings.get(0); text !== undefined; text = strings.get(texts.length)) texts.push(text);
  return { texts, fault };
}

const text = fc.constantFrom(
  '',
  ' ',
  '0',
  '1',
  '3',
  '4',
  '45000',
  '1000000007919999983',
  '1.0E+18',
  '김민수',
  '_x000D_',
  'a > b',
  'A&amp;B',
  'a\r\nb',
  ']',
  ']]>',
  '<!-- a -->1',
  '<![CDATA[1]]>',
);
const style = fc.constantFrom('', '', ' s="0"', ' s="1"', ' s="9"', ' s="00001"', ' s="x"', " s='1'");
const type = fc.constantFrom(
  '',
  ...['n', 's', 'str', 'inlineStr', 'b', 'e', 'd', 'x'].map((one) => ` t="${one}"`),
);
const content = fc.oneof(
  text.map((value) => `><v>${value}</v></c>`),
  text.map((inline) => `><is><t>${inline}</t></is></c>`),
  text.map((inline) => `><is><t xml:space="preserve">${inline}</t></is></c>`),
  text.map((value) => `><f>A1</f><v>${value}</v></c>`),
  fc.constantFrom('/>', '></c>', '><v/></c>', '><v>1</v><is><t>1</t></is></c>', '><v>1</v></c >', ' t="s"/>'),
);
/** Mostly the cell's own place, so that most rows go on. */
const place = fc.oneof(
  { weight: 12, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('A1', 'B2', 'XFD1', 'XFE1', 'AAAA1', 'a1', 'A0', 'A01', 'A1048577', '1', 'A'),
  },
);
const anyCell = fc.tuple(place, fc.constantFrom(1, 1, 1, 2, 0), style, type, content);
const soundContent = fc.constantFrom(
  '><v>1000000007919999983</v></c>',
  ' s="1"><v>45000</v></c>',
  ' s="1"/>',
  ' t="s"><v>1</v></c>',
  ' s="0" t="s"><v>0</v></c>',
  ' t="inlineStr"><is><t>김민수</t></is></c>',
  ' t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>',
  ' t="inlineStr"><is><t>A&amp;B</t></is></c>',
  ' t="str"><f>A1</f><v>_x0041_</v></c>',
);
const soundCell = fc.tuple(
  fc.constant(null),
  fc.constantFrom(1, 1, 2),
  fc.constant(''),
  fc.constant(''),
  soundContent,
);
const cell = fc.oneof({ weight: 12, arbitrary: soundCell }, { weight: 1, arbitrary: anyCell });
const between = fc.oneof(
  { weight: 20, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\n', 'x', '<c/>', '<c r="C1"><v>1</v></c>', '<!-- -->', '<x><c r="A1"/></x>'),
  },
);

const lastCells = fc.constantFrom('', '', '', '<c r="Z1"><f>1</f></c>', '<x/>', ' ');
/** Start and end of the row with number N. */
const rowTags = fc.oneof(
  { weight: 8, arbitrary: fc.constant(['<row r="N">', '</row>']) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ['<row r="N" spans="1:3">', '</row>'],
      ['<row r="N" spans="1:3" x14ac:dyDescent="0.25">', '</row>'],
      ['<row r="N" s="1" customFormat="1">', '</row>'],
      ['<row>', '</row>'],
      ['<row r="N">', '</row >'],
      ['<x:row r="N">', '</x:row>'],
      ['<x:row r="N">', '</row>'],
      ['<row r="1">', '</row>'],
      ['<row r="1048577">', '</row>'],
      ['<row r="N"/>', ''],
      ['<x><row r="N">', '</row></x>'],
      ['</sheetData><x><row r="N">', '</row></x><sheetData>'],
      ['<row r="N"><row r="N">', '</row></row>'],
    ),
  },
);
const betweenRows = fc.constantFrom('', '', '', '', '', '\n', 'x', '<!-- -->');
const row = fc.tuple(fc.array(fc.tuple(cell, between), { maxLength: 5 }), rowTags, lastCells, betweenRows);

const sheet = fc.array(row, { maxLength: 4 }).map((rows) => {
  const written = rows.map(([cells, tags, last, after], at) => {
    let column = 0;
    const inner = cells.map(([[own, step, ...rest], next]) => {
      column += step;
      const letter = String.fromCharCode(64 + Math.max(1, column));
      return `<c r="${own ?? `${letter}${at + 1}`}"${rest.join('')}${next}`;
    });
    const [start = '', end = ''] = tags.map((tag) => tag.replaceAll('N', String(at + 1)));
    return `${start}${inner.join('')}${last}${end}${after}`;
  });
  return `<worksheet><sheetData>${written.join('')}</sheetData></worksheet>`;
});
const item = fc.oneof(
  text.map((inner) => `<si><t>${inner}</t></si>`),
  text.map((inner) => `<si><t xml:space="preserve">${inner}</t></si>`),
  text.map((inner) => `<si><r><t>${inner}</t></r><rPh><t>a</t></rPh></si>`),
  text.map((inner) => `<si>${inner}<si><t>a</t></si><si><t>b</t></si></si>`),
  fc.constantFrom('<si/>', '<si><t/></si>', '\n', '<x><si><t>a</t></si></x>', '<si><t>a</t></si >'),
);
const strings = fc.array(item, { maxLength: 6 }).map((items) => `<sst>${items.join('')}</sst>`);

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
const damage = fc.option(
  fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 0, 1, 3),
    fc.constantFrom('', '<', '>', '"', '&', '/', '\0', 'x', ' r="A1"', '</c>', '</row>', ']]>'),
  ),
  { freq: 2 },
);

function piecesOf(
  source: string,
  change: readonly [number, number, string] | null,
  cuts: readonly number[],
): Buffer[] {
  const [at, removed, put] = change ?? [0, 0, ''];
  const from = Math.floor(at * source.length);
  const bytes = Buffer.from(`${source.slice(0, from)}${put}${source.slice(from + removed)}`);
  const ends = cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

describe('rows, cells and texts that are read at once', () => {
  it('give the same rows, or the same refusal, as when they are read event by event', () => {
    fc.assert(
      fc.property(sheet, damage, places, (source, change, cuts) => {
        const pieces = piecesOf(source, change, cuts);
        expect(readSheet(pieces, 'at once')).toStrictEqual(readSheet(pieces, 'by events'));
      }),
      { numRuns: 3_000 },
    );
  });

  it('give the same shared texts, or the same refusal', () => {
    fc.assert(
      fc.property(strings, damage, places, (source, change, cuts) => {
        const pieces = piecesOf(source, change, cuts);
        expect(readStrings(pieces, 'at once')).toStrictEqual(readStrings(pieces, 'by events'));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['value', '<c r="B3" s="1" t="s"><v>5</v></c>', { column: 1, row: 3, style: 1, type: 's', value: '5' }],
    [
      'text in the cell',
      '<c r="A1" t="inlineStr"><is><t>김_x0041_</t></is></c>',
      { inline: '김A', type: 'inlineStr' },
    ],
    [
      'text with blanks',
      '<c r="A1"><is><t xml:space="preserve"> a </t></is></c>',
      { inline: ' a ', type: 'n' },
    ],
    ['style alone', '<c r="XFD1048576" s="12"/>', { column: 16_383, row: 1_048_576, style: 12, value: '' }],
  ])('have a %s', (_, source, expected) => {
    expect(readPlainCell(`<row>${source}</row>`, 5)).toMatchObject({ ...expected, end: 5 + source.length });
  });

  it.each([
    ['a reference', '<c r="A1"><v>&lt;</v></c>'],
    ['a formula', '<c r="A1"><f>B1</f><v>1</v></c>'],
    ['an attribute we do not know', '<c r="A1" cm="1"><v>1</v></c>'],
    ['a place beyond the sheet', '<c r="XFE1"><v>1</v></c>'],
    ['an end that has not arrived', '<c r="A1"><v>1</v></c'],
  ])('have no %s', (_, source) => {
    expect(readPlainCell(source, 0)).toBeNull();
  });

  it.each([
    ['<row r="1">', 1],
    ['<row r="1048576" spans="1:3">', 1_048_576],
    ['<row r="12" spans="1:3" x14ac:dyDescent="0.25">', 12],
  ])('begin with %s', (source, line) => {
    expect(readPlainRow(`<x/>${source}`, 4)).toStrictEqual({ line, end: 4 + source.length });
  });

  it.each([
    '<row>',
    '<row r="0">',
    '<row r="1048577">',
    '<row r="1"/>',
    '<row r="1" hidden="1">',
    '<row r="1"',
  ])('do not begin with %s', (source) => {
    expect(readPlainRow(source, 0)).toBeNull();
  });
});
