import { stringify } from 'csv-stringify/sync';
import { expect, test } from 'vitest';
import { guardFormula } from '../../src/domain/formula-guard.ts';
import { namedResultColumns } from '../../src/domain/result-columns.ts';
import { makeListFolder, PAR, readList } from './list-folder.ts';
import { makeWorkbook, textRow } from './xlsx/workbook-maker.ts';

const tooMany = Array.from({ length: 15 }, (_, i) => String(i));
const ours = ['2', 'bad_data', '001_003', '=x', 'list_owner', '1', '400', '', '', '', '', 'a-run'];

function resultFile(header: string[], rows: string[][]): string {
  const table = [[...header, ...namedResultColumns(header)], ...rows];
  return `\ufeff${stringify(
    table.map((row) => row.map(guardFormula)),
    { record_delimiter: '\r\n' },
  )}`;
}

test('our columns are dropped and the guards undone: the original cells are back', async () => {
  await using lists = await makeListFolder();
  const header = ['line', 'user_id', 'par', '-memo'];
  const cells = [
    ['=1+1', '1', PAR, "'=guarded already"],
    ['plain', '2', PAR, "'quoted'"],
    ['', '3', PAR, '+82 10'],
  ];
  const path = await lists.write(
    resultFile(
      header,
      cells.map((row) => [...row, ...ours]),
    ),
  );
  const { list, rows } = await readList(path);
  expect(list.handedBack).toBe(true);
  expect(list.header).toEqual(header);
  expect(list.columns).toEqual({ userId: 1, par: 2 });
  expect(rows.map((row) => row.cells)).toEqual(cells);
  expect(rows.map((row) => row.content.kind)).toEqual(['record', 'record', 'record']);
});

test('a row of it that lacks our cells is a row, one with more than its header has is rejected, its cells kept', async () => {
  await using lists = await makeListFolder();
  const path = await lists.write(resultFile(['user_id', 'par'], [['1', PAR, '-note'], tooMany]));
  const { rows } = await readList(path);
  expect(rows.map(({ content }) => ('rejection' in content ? content.rejection.reason : null))).toEqual([
    null,
    'cells',
  ]);
  expect(rows.map(({ cells }) => cells)).toEqual([['1', PAR], tooMany]);
});

test('in any other list guards and columns are left alone', async () => {
  await using lists = await makeListFolder();
  const { list, rows } = await readList(await lists.write(`user_id,par,line,note\n1,${PAR},'=1,x\n`));
  expect(list.handedBack).toBe(false);
  expect(list.header).toEqual(['user_id', 'par', 'line', 'note']);
  expect(rows[0]?.cells).toEqual(['1', PAR, "'=1", 'x']);
});

test('a workbook that ends in all our columns is one of ours too', async () => {
  await using lists = await makeListFolder();
  const header = ['memo', 'user_id', 'par'];
  const rows = [
    ["'=1+1", '1', PAR],
    ['plain', '2', PAR],
  ];
  const table = [[...header, ...namedResultColumns(header)], ...rows.map((row) => row.concat(ours))];
  const xml = table.map((cells, index) => textRow(index + 1, ...cells)).join('');
  const { list, rows: read } = await readList(await lists.write(makeWorkbook({ rows: xml }), 'failed.xlsx'));
  expect(list).toMatchObject({ handedBack: true, format: 'xlsx', header });
  expect(read.map((row) => row.cells)).toEqual([
    ['=1+1', '1', PAR],
    ['plain', '2', PAR],
  ]);
});

test('a row that had too many cells is rejected again until its surplus cells are empty', async () => {
  await using lists = await makeListFolder();
  const header = ['user_id', 'par', 'name', 'kona_extra_1'];
  const misfit = ['26', 'rejected', 'cells', '', 'list_owner', '0', '', '', '', '', '', 'a-run'];
  const path = await lists.write(
    resultFile(header, [
      ['1', PAR, 'Kim', 'VIP', ...misfit],
      ['2', PAR, 'Lee', ' ', ...misfit],
      // A workbook may have remarks to the right of its table, and its rows are rejected for other reasons.
      ['3', PAR, 'Park', 'a remark', ...misfit.with(2, 'par_length')],
      ['4', PAR, 'Choi', 'a remark', ...ours],
    ]),
  );
  const { rows } = await readList(path);
  expect(rows.map(({ content }) => content.kind)).toEqual(['rejected', 'record', 'record', 'record']);
  expect(rows[0]?.content).toEqual({
    kind: 'rejected',
    rejection: { reason: 'cells', cells: 4, expectedCells: 3 },
  });
  expect(rows[0]?.cells).toEqual(['1', PAR, 'Kim', 'VIP']);
});
