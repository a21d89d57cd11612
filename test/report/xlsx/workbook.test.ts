import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { decodeEscapes } from '../../../src/intake/xlsx/xlsx-escape.ts';
import { FailedWorkbook } from '../../../src/report/xlsx/failed-workbook.ts';
import { UnfinishedFile } from '../../../src/report/folder/unfinished-file.ts';
import { cellXml, cutToCell } from '../../../src/report/xlsx/cell-text.ts';
import { columnName } from '../../../src/report/xlsx/sheet-cells.ts';
import { Workbook } from '../../../src/report/xlsx/workbook.ts';

const at = new Date('2026-11-22T16:05:00.000Z');

async function makeFolder() {
  const path = await mkdtemp(join(tmpdir(), 'kona-workbook-'));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Writes it as `book.xlsx`; nothing else is left in the folder. */
async function writeBook(folder: string, workbook: Workbook): Promise<string> {
  expect(await workbook.end()).toBe(true);
  const file = await UnfinishedFile.create(folder, 'book.xlsx');
  await workbook.write(file, at);
  await file.finish();
  await file.publish(folder);
  await workbook.discard();
  expect(await readdir(folder)).toEqual(['book.xlsx']);
  return join(folder, 'book.xlsx');
}

const table = { kind: 'table', headings: ['id', "it's"], widths: null, isOptional: false } as const;

test('a sheet that is full goes on in another with the same headings', async () => {
  await using folder = await makeFolder();
  const workbook = new Workbook(folder.path, 'en');
  const rejected = workbook.addSheet({ ...table, name: "don't <&", mostRows: 3 });
  workbook.addSheet({ ...table, name: 'none', isOptional: true });
  const page = { kind: 'page', headings: [], widths: [10], isOptional: false } as const;
  const figures = workbook.addSheet({ ...page, name: 'figures' });
  await rejected.add([['1', 'a']]);
  await rejected.add([
    ['2', 'b'],
    ['0003', 'c'],
    ['4', 'd'],
    ['5', 'e'],
  ]);
  await figures.add([[{ value: 1234, style: 'count' }]]);
  const { sheets } = await readXlsx(await readFile(await writeBook(folder.path, workbook)));
  expect(sheets.map(({ name, rows }) => [name, rows])).toEqual([
    [
      "don't <&",
      [
        ['id', "it's"],
        ['1', 'a'],
        ['2', 'b'],
      ],
    ],
    [
      "don't <& (2)",
      [
        ['id', "it's"],
        ['0003', 'c'],
        ['4', 'd'],
      ],
    ],
    [
      "don't <& (3)",
      [
        ['id', "it's"],
        ['5', 'e'],
      ],
    ],
    ['figures', [[1234]]],
  ]);
  expect(sheets[1]).toMatchObject({ freezePane: { rows: 1 }, autoFilter: { range: 'A1:B3' } });
});

test('rows enough for several blocks are all there, and dates are those of the run', async () => {
  await using folder = await makeFolder();
  const workbook = new Workbook(folder.path, 'ko');
  const sheet = workbook.addSheet({ ...table, name: 'rows' });
  const rows = Array.from({ length: 20_000 }, (_, number) => [String(number), `이름 ${number}`]);
  for (let from = 0; from < rows.length; from += 500) await sheet.add(rows.slice(from, from + 500));
  const read = await readXlsx(await readFile(await writeBook(folder.path, workbook)));
  expect(read.sheets[0]?.rows.slice(1)).toEqual(rows);
  expect(read.properties?.modified).toEqual(at);
});

test('the same rows give the same bytes, in whatever portions they come', async () => {
  const rows = Array.from({ length: 9_000 }, (_, number) => [String(number), `이름 ${number}`]);
  const write = async (portion: number): Promise<Buffer> => {
    await using folder = await makeFolder();
    const workbook = new Workbook(folder.path, 'ko');
    const sheet = workbook.addSheet({ ...table, name: 'rows', widths: [10, 10] });
    for (let from = 0; from < rows.length; from += portion) await sheet.add(rows.slice(from, from + portion));
    return await readFile(await writeBook(folder.path, workbook));
  };
  expect((await write(700)).equals(await write(9_000))).toBe(true);
});

test('more failures than a sheet holds leave failed.xlsx out before a row of it is written', async () => {
  await using folder = await makeFolder();
  const layout = { header: ['user_id', 'par'], originalCount: 2, runId: 'r' };
  const options = { folder: folder.path, layout, nightsLimit: 14, language: 'en' } as const;
  const tooMany = new FailedWorkbook({ ...options, rows: 1_048_576 });
  expect(await tooMany.end()).toEqual({ kind: 'rows', rows: 1_048_576, most: 1_048_575 });
  expect(await readdir(folder.path)).toEqual([]);
  const wide = { header: Array.from({ length: 16_385 }, () => 'x'), originalCount: 16_374, runId: 'r' };
  const tooWide = new FailedWorkbook({ ...options, layout: wide, rows: 1 });
  expect(await tooWide.end()).toEqual({ kind: 'columns', columns: 16_385, most: 16_384 });
});

test('columns are named as in a sheet', () => {
  expect([0, 25, 26, 51, 701, 702, 16_383].map(columnName)).toEqual([
    'A',
    'Z',
    'AA',
    'AZ',
    'ZZ',
    'AAA',
    'XFD',
  ]);
});

test('a text comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // NUL is in no text of the ledger.
      const possible = text.replaceAll('\0', '');
      const xml = cellXml(possible);
      expect(xml).not.toMatch(/[<>\r]/);
      const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
      expect(decodeEscapes(xml.replace(/&\w+;/g, (entity) => entities[entity] ?? '?'))).toBe(possible);
    }),
  );
});

test('texts that look like escapes do too', () => {
  const piece = fc.constantFrom('_', 'x', '005F', '000D', '0041', '_x000d_');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      expect(decodeEscapes(cellXml(text))).toBe(text);
    }),
  );
});

test('half a character becomes a mark, and a text too long is cut with one', () => {
  expect(cellXml('a\ud800b')).toBe('a\ufffdb');
  expect(cutToCell('x'.repeat(32_767))).toBe('x'.repeat(32_767));
  expect(cutToCell('x'.repeat(32_768))).toBe(`${'x'.repeat(32_766)}…`);
});
