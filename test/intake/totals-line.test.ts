import { describe, expect, test } from 'vitest';
import { readTotalsLine } from '../../src/intake/totals-line.ts';
import { makeListFolder, PAR, readList, refusalOf } from './list-folder.ts';

const layout = { header: ['user_id', 'par', 'name', 'amount'], columns: { userId: 0, par: 1 } };

describe('a line that sums up', () => {
  test.each([
    [['합계', '', '', ''], null],
    [['총계: 347건'], 347],
    [['합계(347)'], 347],
    [['Total', '', '', '1234567'], null],
    [['Total', '347', '', ''], 347],
    [['합계', '1,234', '', ''], 1_234],
    [['', '', '합 계', '347명'], 347],
    [['GRAND TOTAL:', '', '', '347 rows'], 347],
    [['계', '347', '', ''], 347],
    [['총계', '３４７', '', ''], 347],
    [['소계', '', '', '12'], null],
    [['합계', '99999999999999999999', '', ''], null],
    [['Total', '', '347 rows', '12345678901234'], 347],
    [['총 347명'], 347],
    [['Total records: 347'], 347],
  ])('%j', (cells, count) => {
    expect(readTotalsLine(cells, layout)).toEqual({ count });
  });

  test.each([
    [['123', PAR, 'Total', '']],
    [['합계', PAR, '', '']],
    [['x12', '', 'Kim', '']],
    [['', '', '계', '']],
    [['Totally wrong', '', '', '']],
    [['', '', '', '']],
    [[`합계${' '.repeat(60_000)}x`]],
    [['총', '', '', '']],
  ])('not %j', (cells) => {
    expect(readTotalsLine(cells, layout)).toBeNull();
  });
});

test.each([
  ['a PAR cut off', '1234567890123', PAR.slice(1)],
  ['a PAR in small letters', '5', PAR.toLowerCase()],
  ['no PAR', '1234567890123', ''],
])('a member called Total, with %s, is rejected in sight and not left out', async (_, userId, par) => {
  await using lists = await makeListFolder();
  const path = await lists.write(`name,user_id,par\nKim,1,${PAR}\nTotal,${userId},${par}\n`);
  const { list, rows: read } = await readList(path);
  expect(read.map(({ content }) => content.kind)).toEqual(['record', 'rejected']);
  expect(list.counts()).toMatchObject({ rowsRead: 2, totalsLines: 0 });
});

const rows = `1,${PAR}\n2,${PAR.replace('A', 'B')}\n3,${PAR.replace('A', 'C')}\n`;

test('it is no row, is counted apart, and its count agrees', async () => {
  await using lists = await makeListFolder();
  for (const totals of ['합계,3', 'Total: 3 rows', '총계']) {
    const { list, rows: read } = await readList(await lists.write(`user_id,par\n${rows}${totals}\n`));
    expect(read.map((row) => row.rowNo)).toEqual([1, 2, 3]);
    const given = totals === '총계' ? null : { afterLine: 0, throughLine: 5, rows: 3 };
    expect(list.counts()).toMatchObject({ rowsRead: 3, totalsLines: 1, totals: given });
  }
});

test('of parts and of the whole, and rows below one go on', async () => {
  await using lists = await makeListFolder();
  const { list, rows: read } = await readList(
    await lists.write(`user_id,par\n${rows}소계,3\n${rows}소계,3\n총계,6\n`),
  );
  expect(read.map((row) => row.rowNo)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(read.map((row) => row.line)).toEqual([2, 3, 4, 6, 7, 8]);
  expect(list.counts()).toMatchObject({ rowsRead: 6, totalsLines: 3 });
});

test.each([
  ['of all rows above', `${rows}합계,3\n`, { afterLine: 0, throughLine: 5, rows: 3 }],
  [
    'of parts, one after the other',
    `${rows}소계,3\n${rows.slice(0, 60)}소계,2\n`,
    { afterLine: 0, throughLine: 8, rows: 5 },
  ],
  [
    'of a part below one without a count',
    `${rows}소계\n${rows.slice(0, 60)}소계,2\n`,
    { afterLine: 5, throughLine: 8, rows: 2 },
  ],
  [
    'of the whole below its parts',
    `${rows}소계,3\n${rows}소계,3\n총계,6\n`,
    { afterLine: 0, throughLine: 10, rows: 6 },
  ],
  [
    'of all above, and more rows without one',
    `${rows}합계,3\n${rows}`,
    { afterLine: 0, throughLine: 5, rows: 3 },
  ],
])('what it gives is told for the lines it is about: %s', async (_, body, totals) => {
  await using lists = await makeListFolder();
  const { list } = await readList(await lists.write(`user_id,par\n${body}`));
  expect(list.counts().totals).toEqual(totals);
});

test('a list that is not as long as it says is refused', async () => {
  await using lists = await makeListFolder();
  const refusal = await refusalOf(await lists.write(`user_id,par\n${rows}합계,4\n`));
  expect(refusal).toMatchObject({ reason: 'totals', line: 5 });
  expect(refusal?.message).toContain('says 4, but 3 rows stand above it');
});
