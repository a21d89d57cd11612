import { expect, test } from 'vitest';
import { namedResultColumns } from '../../src/domain/result-columns.ts';
import { makeListFolder, PAR, readList } from './list-folder.ts';
import { makeWorkbook, textRow } from './xlsx/workbook-maker.ts';

/** Of each row its cells, and why it was rejected; of the list the rows put right. */
async function readCells(content: string | Uint8Array, name = 'list.csv', header: 'auto' | false = 'auto') {
  await using lists = await makeListFolder();
  const columns = header === false ? { userId: 1, par: 2 } : { userId: null, par: null };
  const { list, rows } = await readList(await lists.write(content, name), { header, columns });
  return {
    cells: rows.map((row) => row.cells),
    reasons: rows.map((row) => (row.content.kind === 'rejected' ? row.content.reason : null)),
    counts: list.counts(),
    handedBack: list.handedBack,
  };
}

test('surplus cells that are empty or blank are dropped, and counted', async () => {
  const { cells, reasons, counts } = await readCells(
    `user_id,par,name\n1,${PAR},a,,\n2,${PAR},b, ,\u3000\n3,${PAR},c\n4,${PAR},,"",\n`,
  );
  expect(cells).toEqual([
    ['1', PAR, 'a'],
    ['2', PAR, 'b'],
    ['3', PAR, 'c'],
    ['4', PAR, ''],
  ]);
  expect(reasons).toEqual([null, null, null, null]);
  expect(counts).toMatchObject({ rowsRead: 4, fittedRows: 3 });
});

test('cells left out behind user id and PAR are empty ones', async () => {
  const { cells, reasons, counts } = await readCells(
    `no,user_id,memo,par,name,tel\n1,7,,${PAR}\n2,8,x,${PAR},Kim\n3,9,x,${PAR},Lee,1\n4,,x,${PAR}\n5,6,x,\n`,
  );
  expect(cells).toEqual([
    ['1', '7', '', PAR, '', ''],
    ['2', '8', 'x', PAR, 'Kim', ''],
    ['3', '9', 'x', PAR, 'Lee', '1'],
    ['4', '', 'x', PAR, '', ''],
    ['5', '6', 'x', '', '', ''],
  ]);
  expect(reasons).toEqual([null, null, null, 'user_id_missing', 'par_missing']);
  expect(counts.fittedRows).toBe(4);
});

test('a surplus cell with content, a missing user id or PAR: rejected, the cells as they stand', async () => {
  const surplus = await readCells(`user_id,par,name\n1,${PAR},Kim, Lee\n2,${PAR},a,,x,\n3\n`);
  expect(surplus.cells).toEqual([['1', PAR, 'Kim', ' Lee'], ['2', PAR, 'a', '', 'x', ''], ['3']]);
  expect(surplus.reasons).toEqual(['cells', 'cells', 'cells']);
  expect(surplus.counts.fittedRows).toBe(0);
  const idsLast = await readCells(`name,par,user_id\nKim,${PAR}\nLee\n`);
  expect(idsLast.reasons).toEqual(['cells', 'cells']);
  expect(idsLast.cells).toEqual([['Kim', PAR], ['Lee']]);
});

test('a list that ends within its last row may have lost the rest of a user id: rejected', async () => {
  const head = `par,user_id,name\n${PAR},1\n`;
  const endings = ['', '\n', '\r', '\r\n', '\n\n'];
  const read = await Promise.all(endings.map((ending) => readCells(`${head}${PAR},12${ending}`)));
  expect(read.map(({ reasons }) => reasons)).toEqual([
    [null, 'cells'],
    ...endings.slice(1).map(() => [null, null]),
  ]);
  expect(read.map(({ counts }) => counts.fittedRows)).toEqual([1, 2, 2, 2, 2]);
  expect((await readCells(`${head}${PAR},12,`)).reasons).toEqual([null, null]);
  // A PAR is known to be whole by its length.
  expect((await readCells(`user_id,par,name\n12,${PAR}`)).reasons).toEqual([null]);
  expect((await readCells(`user_id,par,name\n12,${PAR.slice(1)}`)).reasons).toEqual(['par_length']);
});

test('without a header the first row says how wide rows are', async () => {
  const { cells, counts } = await readCells(`1,${PAR},a\n2,${PAR}\n3,${PAR},c,,\n`, 'list.csv', false);
  expect(cells).toEqual([
    ['1', PAR, 'a'],
    ['2', PAR, ''],
    ['3', PAR, 'c'],
  ]);
  expect(counts).toMatchObject({ rowsRead: 3, fittedRows: 2 });
});

test('a totals line with empty cells behind it stays one, and is not counted as a row put right', async () => {
  const { cells, counts } = await readCells(`user_id,par,name\n1,${PAR},a\n합계,1,,,\n합계,1\n합계\n`);
  expect(cells).toEqual([['1', PAR, 'a']]);
  expect(counts).toMatchObject({ rowsRead: 1, totalsLines: 3, fittedRows: 0 });
});

test('a formula without a result behind the last column is something', async () => {
  const behind = (cell: string, line: number): string =>
    textRow(line, '1', PAR).replace('</row>', `${cell}</row>`);
  const blank = '<c t="inlineStr"><is><t> </t></is></c>';
  const rows = textRow(1, 'user_id', 'par') + behind('<c><f>A2+1</f></c>', 2) + behind(blank, 3);
  const { cells, reasons, counts } = await readCells(makeWorkbook({ rows }), 'list.xlsx');
  expect(reasons).toEqual(['cells', null]);
  expect(cells).toEqual([
    ['1', PAR, ''],
    ['1', PAR],
  ]);
  expect(counts.fittedRows).toBe(1);
});

test('rows of a workbook may end before the last column, also under a title that is no wider', async () => {
  const short = [textRow(2, '1', PAR), textRow(3, '2', PAR, 'b')];
  const plain = await readCells(
    makeWorkbook({ rows: textRow(1, 'user_id', 'par', 'name') + short.join('') }),
    'list.xlsx',
  );
  const expected = [
    ['1', PAR, ''],
    ['2', PAR, 'b'],
  ];
  expect(plain.cells).toEqual(expected);
  expect(plain.counts.fittedRows).toBe(0);
  const rows =
    textRow(1, 'Members', 'November') +
    textRow(2, 'user_id', 'par', 'name') +
    textRow(3, '1', PAR) +
    textRow(4, '2', PAR, 'b');
  const titled = await readCells(makeWorkbook({ rows }), 'list.xlsx');
  expect(titled.cells).toEqual(expected);
  expect(titled.reasons).toEqual([null, null]);
  expect(titled.counts).toMatchObject({ titleLines: 1, fittedRows: 1 });
});

test('of our own file handed back: the same, whatever a spreadsheet left of our columns', async () => {
  const header = ['user_id', 'par', 'name'];
  const ours = '2,bad_data,001_003,no,list_owner,1,400,,,,';
  const lines = [
    `1,${PAR},a,${ours}`,
    `2,${PAR},b,${ours},, `,
    `3,${PAR},c,2,bad_data,001_003,no,list_owner,1,400`,
    `4,${PAR},d,,,`,
    `5,${PAR}`,
    `6,${PAR},'=f,2,bad_data`,
    // What our columns would begin with is something else here.
    `7,${PAR},g,2,x`,
    `8,${PAR},h,x,bad_data`,
    `9,${PAR},i,${ours},x`,
    '10',
  ];
  const file = [[...header, ...namedResultColumns(header)].join(','), ...lines, ''].join('\r\n');
  const { cells, reasons, counts, handedBack } = await readCells(file);
  expect(handedBack).toBe(true);
  expect(cells.slice(0, 6)).toEqual([
    ['1', PAR, 'a'],
    ['2', PAR, 'b'],
    ['3', PAR, 'c'],
    ['4', PAR, 'd'],
    ['5', PAR, ''],
    ['6', PAR, '=f'],
  ]);
  expect(cells.slice(6)).toEqual(lines.slice(6).map((line) => line.split(',')));
  expect(reasons).toEqual([...Array.from({ length: 6 }, () => null), 'cells', 'cells', 'cells', 'cells']);
  expect(counts.fittedRows).toBe(5);
});
