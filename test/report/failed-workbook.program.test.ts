import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { readList } from '../intake/list-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { officeIsMissing, readByOffice } from '../support/office.ts';
import { openReportWorld, par, readFolder, readTable, type PlantedRow } from './report-world.ts';

const awkward = [
  '=HYPERLINK("x")',
  "'=already guarded",
  "''+twice",
  "'apostrophe",
  '-1',
  '@cmd',
  '\ttab',
  '두 줄\r\n이름, "quoted"',
  ' blanks ',
  '',
  '0012',
  '1e5',
  '＝full width',
  '\nleading line feed',
  'bell \u0007, escape \u001b, carriage\rreturn, \uffff',
  '_x000D_ and _x005F_x0041_ as they stand',
  '<b>&amp;</b>',
  '😀 아이디',
];
const header = ['memo', '회원번호', 'par', 'code'];
const failed = awkward.map((text, index): PlantedRow => ({
  cells: [text, index === 0 ? '9999999999999999999' : String(index + 1), par(index + 1), text],
  class: 'conflict',
  code: '007_012',
  message: '=provider',
  attempts: 1,
}));

test('failed.xlsx is the next list as it stands: the very cells of the first', async () => {
  await using world = await openReportWorld(embeddedEngine, { header, rows: failed });
  await writeRunFolder(world.options);
  const { list, rows } = await readList(join(world.runFolder, 'failed.xlsx'));
  expect(list).toMatchObject({ format: 'xlsx', header, handedBack: true, columns: { userId: 1, par: 2 } });
  expect(list.sheets?.unread).toEqual([]);
  expect(rows.map((row) => row.cells)).toEqual(failed.map((row) => row.cells));
  expect(rows.map((row) => row.content.kind)).toEqual(failed.map(() => 'record'));
});

test('failed.xlsx holds what failed.csv does, and the same bytes whenever it is made', async () => {
  const rows: PlantedRow[] = [
    { cells: ['1', par(1)], class: 'enrolled', attempts: 1 },
    { cells: ['2', par(2)], class: 'transient', attempts: 2 },
    { cells: ['3'], class: 'rejected', message: 'one cell' },
    { cells: ['4', par(4)], class: 'action_required', code: '007_015', attempts: 1, nights: 3 },
  ];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows });
  await writeRunFolder(world.options);
  const first = await readFolder(world.runFolder);
  const fromCsv = await readList(join(world.runFolder, 'failed.csv'));
  const fromWorkbook = await readList(join(world.runFolder, 'failed.xlsx'));
  expect(fromWorkbook.rows.map((row) => row.content)).toEqual(fromCsv.rows.map((row) => row.content));
  expect(fromWorkbook.rows).toHaveLength(2);
  await writeRunFolder({ ...world.options });
  expect((await readFolder(world.runFolder))['failed.xlsx']).toEqual(first['failed.xlsx']);
});

test('without failures it is a list of no rows', async () => {
  const rows: PlantedRow[] = [{ cells: ['1', par(1)], class: 'enrolled', attempts: 1 }];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows });
  await writeRunFolder(world.options);
  const { list, rows: none } = await readList(join(world.runFolder, 'failed.xlsx'));
  expect(list.handedBack).toBe(true);
  expect(none).toEqual([]);
});

test('a cell longer than a spreadsheet takes leaves failed.xlsx out, also that of an earlier writing', async () => {
  const rows: PlantedRow[] = [
    { cells: ['1', par(1), 'x'.repeat(32_767)], class: 'conflict', attempts: 1 },
    { cells: ['2', par(2), ''], class: 'conflict', attempts: 1 },
  ];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par', 'memo'], rows });
  expect((await writeRunFolder(world.options)).warnings).toEqual([]);
  expect(await readdir(world.runFolder)).toContain('failed.xlsx');
  await world.ledger.query(`update list_row set cells[3] = repeat('y', 32768) where row_no = 2`);
  const { warnings } = await writeRunFolder(world.options);
  expect(warnings).toEqual([
    'failed.xlsx is left out: a cell of the row on line 3 has more than the 32767 characters that a cell holds; failed.csv has every row, whole.',
  ]);
  const left = await readdir(world.runFolder);
  expect(left).not.toContain('failed.xlsx');
  expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
  expect((await readTable(world.runFolder, 'failed.csv'))[2]?.[2]).toHaveLength(32_768);
});

test.skipIf(officeIsMissing)(
  'failed.xlsx opens with ids and all cells as text (LibreOffice)',
  async () => {
    await using world = await openReportWorld(embeddedEngine, { header, rows: failed });
    await writeRunFolder(world.options);
    const sheets = await readByOffice(join(world.runFolder, 'failed.xlsx'));
    expect(Object.keys(sheets)).toEqual(['failed']);
    const table = sheets['failed'] ?? [];
    expect(table[0]?.slice(0, 5)).toEqual(['memo', '회원번호', 'par', 'code', 'line']);
    const shown = new Map(table.slice(1).map((cells) => [cells[2], cells]));
    expect(shown.get(par(1))?.slice(0, 2)).toEqual(['=HYPERLINK("x")', '9999999999999999999']);
    for (const text of [
      '-1',
      '@cmd',
      '0012',
      '1e5',
      "'apostrophe",
      ' blanks ',
      '<b>&amp;</b>',
      '😀 아이디',
    ]) {
      expect(table.slice(1).map((cells) => cells[0])).toContain(text);
    }
    expect(table).toHaveLength(failed.length + 1);
  },
  120_000,
);
