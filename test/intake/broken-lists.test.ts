import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ListRefusedError } from '../../src/intake/list-errors.ts';
import type { ListOptions } from '../../src/intake/open-list.ts';
import { makeListFolder, readList, refusalOf } from './list-folder.ts';
import { makeWorkbook, textRow } from './xlsx/workbook-maker.ts';

/** Lists of kinds that broke other people's jobs, each in a small file; ids and names are invented. */
function fileOf(name: string): string {
  return fileURLToPath(new URL(`broken-lists/${name}`, import.meta.url));
}

function par(number: number): string {
  return `Q1MEMBER${String(number).padStart(19, '0')}`;
}

function member(number: number, ...more: readonly string[]): string {
  return [String(10_000_000_000 + number), par(number), ...more].join(',');
}

interface Outcome {
  readonly records: number;
  /** Lines of the rejected rows, with their reasons. */
  readonly rejected: readonly string[];
}

async function outcomeOf(path: string, options: Partial<ListOptions> = {}) {
  const { list, rows } = await readList(path, options);
  const outcome: Outcome = {
    records: rows.filter(({ content }) => content.kind === 'record').length,
    rejected: rows.flatMap(({ line, content }) =>
      content.kind === 'rejected' ? [`${line} ${content.rejection.reason}`] : [],
    ),
  };
  expect(list.counts().rowsRead).toBe(rows.length);
  return { ...outcome, counts: list.counts(), list, rows };
}

async function ofText(text: string, options: Partial<ListOptions> = {}, name = 'list.csv') {
  await using lists = await makeListFolder();
  return await outcomeOf(await lists.write(text, name), options);
}

async function ofRows(rows: readonly string[], options: Partial<ListOptions> = {}) {
  await using lists = await makeListFolder();
  return await outcomeOf(await lists.write(makeWorkbook({ rows: rows.join('') }), 'list.xlsx'), options);
}

async function refusalOfText(
  text: string | Uint8Array,
  options: Partial<ListOptions> = {},
  name = 'list.csv',
): Promise<ListRefusedError | null> {
  await using lists = await makeListFolder();
  return await refusalOf(await lists.write(text, name), options);
}

describe('a quote opened by chance that another one closes', () => {
  test('is refused with the place of the opening quote, in both languages', async () => {
    const refusal = await refusalOf(fileOf('two-stray-quotes.csv'));
    expect(refusal).toMatchObject({ reason: 'swallowed', line: 2, column: 'memo' });
    expect(refusal?.message).toMatch(/a quote is opened here, and up to line 43 rows .*; take the quote out/);
    expect(refusal?.korean).toMatch(/2행, 열 memo: 여기서 따옴표가 열려 43행까지/);
  });

  test.each([
    ['one row inside', `user_id,par,memo\n${member(1, '"a')}\n${member(2, 'b"')}\n`, 2, 'memo'],
    [
      'one row inside, cells behind it',
      `user_id,par,memo,x\n${member(1, '"a')}\n${member(2, 'b"')},x\n`,
      2,
      'memo',
    ],
    ['a whole row inside', `user_id,par,memo\n${member(1, '"a')}\n${member(2, 'b')}\nc",x\n`, 2, 'memo'],
    ['in the first column', `memo,user_id,par\n"a,${member(1)}\nb",${member(2)}\n`, 2, 'memo'],
    ['between the two ids', `user_id,memo,par\n1,"a,${par(1)}\n2,b",${par(2)}\n`, 2, 'memo'],
    [
      'semicolons, CR LF',
      `user_id;par;memo\r\n1;${par(1)};"a\r\n2;${par(2)};b\r\n3;${par(3)};c"\r\n`,
      2,
      'memo',
    ],
    ['in the header', `user_id,par,"memo\n${member(1, 'x')}\n${member(2, 'x"')}\n${member(3, 'y')}\n`, 1, 3],
    [
      'below a cell of two lines',
      `user_id,par,a,b\n${member(1, '"x\ny"', '"z')}\n${member(2, 'x', 'y"')}\n`,
      3,
      'b',
    ],
    [
      'trailing empty cells left out',
      `user_id,par,a,b\n${member(1, 'x', '"z')}\n${member(2)}\n${member(3, 'x', 'y"')}\n`,
      2,
      'b',
    ],
  ])('%s', async (_, text, line, column) => {
    expect(await refusalOfText(text)).toMatchObject({
      reason: 'swallowed',
      line,
      ...(column === 3 ? {} : { column }),
    });
  });

  test.each([
    ['numbers and commas', `"call 01012345678, then\n10000000009, 3, 4\nask"`],
    ['an 11-digit number first', `"10000000009,5,6\n10000000009,5,6"`],
    ['a user id and a PAR in prose', `"member 10000000009 had\n${par(9)}\nbefore"`],
    ['a PAR in another column', `"x\nx,x,${par(9)}\nx"`],
  ])('a memo of several lines is a cell: %s', async (_, memo) => {
    const text = `user_id,par,memo\n${member(1, memo)}\n${member(2, 'x')}\n`;
    expect(await ofText(text)).toMatchObject({ records: 2, rejected: [] });
    const first = `memo,user_id,par\n${memo},${member(1)}\nx,${member(2)}\n`;
    expect(await ofText(first)).toMatchObject({ records: 2, rejected: [] });
  });

  test('a person may say that the cell is one', async () => {
    const { records, counts } = await outcomeOf(fileOf('two-stray-quotes.csv'), { saidYes: true });
    expect(records).toBe(2);
    expect(counts.swallowingCells).toBe(1);
  });
});

describe('another table below the members', () => {
  const header = textRow(1, 'user_id', 'par', 'name');
  const first = textRow(2, '1', par(1), 'Kim');
  const second = (line: number): string => textRow(line, '2', par(2), 'Lee');

  test('with a heading of its own is refused, naming the row; --yes reads it too', async () => {
    const refusal = await refusalOf(fileOf('second-table.xlsx'));
    expect(refusal).toMatchObject({ reason: 'second_table', line: 5 });
    expect(refusal?.message).toMatch(/cell A5: another table begins here/);
    expect(refusal?.korean).toMatch(/셀 A5: 여기서 다른 표가 시작됩니다/);
    const { records, counts } = await outcomeOf(fileOf('second-table.xlsx'), { saidYes: true });
    expect(records).toBe(2);
    expect(counts).toMatchObject({ headerLines: 1, titleLines: 1 });
  });

  test.each([
    [
      'a heading of several cells',
      [textRow(4, '해지 회원', '등록 제외', '주의'), textRow(5, 'user_id', 'par', 'name'), second(6)],
      5,
    ],
    [
      'a heading with a number',
      [textRow(4, '해지 회원 12명'), textRow(5, 'user_id', 'par', 'name'), second(6)],
      5,
    ],
    [
      'a print date between',
      [textRow(4, '출력일', '2026-11-28'), textRow(5, 'user_id', 'par', 'name'), second(6)],
      5,
    ],
    [
      'other names, same places',
      [textRow(4, '제외'), textRow(5, '회원번호', '카드토큰', '이름'), second(6)],
      5,
    ],
    ['other places', [textRow(4, 'par', 'user_id'), textRow(5, par(2), '2')], 4],
    ['other places directly under the header', [textRow(3, 'name', 'user_id', 'par')], 3],
    ['one of the columns twice', [textRow(4, '회원번호', 'user_id', 'par'), second(5)], 4],
  ])('%s', async (_, rows, line) => {
    await using lists = await makeListFolder();
    const path = await lists.write(makeWorkbook({ rows: [header, first, ...rows].join('') }), 'list.xlsx');
    expect(await refusalOf(path)).toMatchObject({ reason: 'second_table', line });
  });

  test('with its columns in other places is refused whatever a person says', async () => {
    const text = `user_id,par\n${member(1)}\npar,user_id\n${par(2)},2\n`;
    expect(await refusalOfText(text, { saidYes: true })).toMatchObject({ reason: 'second_table', line: 3 });
  });

  test('words alone between members, with no header after them, are a rejected row and told', async () => {
    const rows = [header, first, textRow(4, '해지 회원 (등록 제외)'), second(5), textRow(6, '끝')];
    const { records, rejected, counts } = await ofRows(rows);
    expect({ records, rejected }).toEqual({ records: 2, rejected: ['4 heading'] });
    expect(counts).toMatchObject({ headings: { lines: 1, firstLine: 4 }, noteLines: 1 });
  });

  test.each([
    ['a word', '해지 회원,,'],
    ['more words', '- 이하 제외 -,,'],
    ['in the PAR column', ',휴면,'],
  ])('in a text file too: %s', async (_, line) => {
    const text = `user_id,par,name\n${member(1, 'Kim')}\n${line}\n${member(2, 'Lee')}\n`;
    expect(await ofText(text)).toMatchObject({ records: 2, rejected: ['3 heading'] });
  });

  test('a row of which one id can be read is a row, whatever else it says', async () => {
    const text = `user_id,par,name\n${member(1, 'Kim')}\n10000000009,없음,Park\n없음,${par(9)},Choi\n없음,없음,Yoon\n`;
    const { rejected } = await ofText(text);
    expect(rejected).toEqual(['3 par_length', '4 user_id_format', '5 user_id_format']);
  });
});

describe('exports that were joined', () => {
  test('the header in the middle is no row, and is told', async () => {
    const { records, rejected, counts } = await outcomeOf(fileOf('joined-files.csv'));
    expect({ records, rejected }).toEqual({ records: 2, rejected: [] });
    expect(counts).toMatchObject({ rowsRead: 2, headerLines: 1 });
  });

  test.each([
    ['blank lines between', `user_id,par\n${member(1)}\n\n,\nuser_id,par\n${member(2)}\n`, 1, 0],
    ['a header of two lines', `회원번호,카드토큰\nuser_id,par\n${member(1)}\n${member(2)}\n`, 1, 0],
    ['the header in other letters', `User ID,PAR\n${member(1)}\nuser_id , par\n${member(2)}\n`, 1, 0],
    ['an export without rows', `user_id,par\nuser_id,par\n${member(1)}\n${member(2)}\n`, 1, 0],
    ['three of them', `user_id,par\n${member(1)}\nuser_id,par\n${member(2)}\nuser_id,par\n`, 2, 0],
    [
      'title and totals line each',
      `회원 명단\nuser_id,par\n${member(1)}\n합계,1\n회원 명단\nuser_id,par\n${member(2)}\n합계,1\n`,
      1,
      2,
    ],
    [
      'title with a count',
      `총 건수,1\nuser_id,par\n${member(1)}\n총 건수,1\nuser_id,par\n${member(2)}\n`,
      1,
      1,
    ],
    ['under the names a job gives', `고객 키,PAR\n${member(1)}\n고객 키,PAR\n${member(2)}\n`, 1, 0],
    ['one of our own files', handedBackTwice(), 1, 0],
  ])('%s', async (_, text, headerLines, titleLines) => {
    const columns = text.startsWith('고객') ? { userId: '고객 키', par: null } : { userId: null, par: null };
    const { records, rejected, counts } = await ofText(text, { columns });
    expect({ records, rejected }).toEqual({ records: 2, rejected: [] });
    expect(counts).toMatchObject({ headerLines, titleLines });
  });

  test('a totals line counts the rows since the last header, or all of them, and no others', async () => {
    const joined = (count: number): string =>
      `user_id,par\n${member(1)}\n${member(2)}\n${member(3)}\nuser_id,par\n${member(4)}\n${member(5)}\n합계,${count}\n`;
    expect(await ofText(joined(2))).toMatchObject({ records: 5, counts: { totalsLines: 1 } });
    expect(await ofText(joined(5))).toMatchObject({ records: 5 });
    expect(await refusalOfText(joined(3))).toMatchObject({ reason: 'totals', line: 8 });
  });

  test('a title that gives a count stands for the rows below it, at the end for those above', async () => {
    const end = `총 건수,3\nuser_id,par\n${member(1)}\n${member(2)}\n총 건수,3\n`;
    expect(await refusalOfText(end)).toMatchObject({ reason: 'totals', line: 5 });
  });
});

function handedBackTwice(): string {
  const ours =
    'line,class,code,message,who_must_act,attempts,http_status,correlation_id,first_attempt_at,last_attempt_at,note,run';
  const row = (number: number): string => `${member(number)}${','.repeat(ours.split(',').length)}`;
  return `user_id,par,${ours}\n${row(1)}\nuser_id,par,${ours}\n${row(2)}\n`;
}

describe('cells at the end of a row', () => {
  test('saved in blocks of sixteen rows: all rows are called', async () => {
    expect(await outcomeOf(fileOf('excel-blocks-of-16.csv'))).toMatchObject({ records: 40, rejected: [] });
  });

  test('a narrow title above a wider header in a workbook: all rows are called', async () => {
    expect(await outcomeOf(fileOf('narrow-title.xlsx'))).toMatchObject({ records: 3, rejected: [] });
  });

  test.each([
    ['missing', `user_id,par,a,b\n${member(1)}\n${member(2, 'x')}\n`, []],
    ['too many, empty', `user_id,par\n${member(1, '', '')}\n${member(2, ' ')}\n`, []],
    ['too many, filled', `user_id,par\n${member(1, 'x')}\n${member(2)}\n`, ['2 cells']],
    ['an id among the missing', `user_id,a,par\n1,x\n2,y,${par(2)}\n`, ['2 cells']],
    ['a first cell left out', `no,user_id,par\n${member(1)}\n2,${member(2)}\n`, ['2 cells']],
  ])('in a text file: %s', async (_, text, rejected) => {
    expect(await ofText(text)).toMatchObject({ records: 2 - rejected.length, rejected });
  });

  test('cells that are kept are those of the list: empty ones beyond the header are dropped', async () => {
    const { rows } = await ofText(`user_id,par\n${member(1, '', '')}\n`);
    expect(rows[0]?.cells).toHaveLength(2);
  });

  test.each([
    [
      'a title wider than the header',
      [textRow(1, 'a', 'b', 'c', 'd', 'e'), textRow(2, 'user_id', 'par', 'memo'), textRow(3, '1', par(1))],
    ],
    [
      'a title of two cells',
      [
        textRow(1, '총 건수', '2'),
        textRow(3, 'user_id', 'par', 'name', 'memo'),
        textRow(4, '1', par(1), 'Kim', 'x'),
        textRow(5, '2', par(2)),
      ],
    ],
    ['an empty last header cell', [textRow(1, 'user_id', 'par', ''), textRow(2, '1', par(1))]],
  ])('in a workbook: %s', async (_, rows) => {
    expect(await ofRows(rows)).toMatchObject({
      records: rows.length === 3 ? 1 : rows.length - 1 - (rows.length === 4 ? 1 : 0),
      rejected: [],
    });
  });

  test('a filled cell right of a workbook’s header is kept in a column without a name', async () => {
    const rows = [textRow(1, 'user_id', 'par'), textRow(2, '1', par(1), '', '확인'), textRow(3, '2', par(2))];
    const { records, rejected, list, rows: read } = await ofRows(rows);
    expect({ records, rejected }).toEqual({ records: 2, rejected: [] });
    expect(list.header).toEqual(['user_id', 'par', '', '']);
    expect(read.map(({ cells }) => cells)).toEqual([
      ['1', par(1), '', '확인'],
      ['2', par(2)],
    ]);
  });

  test('a note right of the header, in a line that is otherwise empty, is no row', async () => {
    const rows = [
      textRow(1, 'user_id', 'par'),
      textRow(2, '1', par(1)),
      textRow(3, '', '', '', '담당: 김'),
      textRow(4, '2', par(2)),
    ];
    const { records, rejected, counts } = await ofRows(rows);
    expect({ records, rejected, notes: counts.noteLines }).toEqual({ records: 2, rejected: [], notes: 1 });
  });

  test('without a header a workbook is as wide as its widest row', async () => {
    const numbered = { header: false, columns: { userId: 1, par: 3 } } as const;
    const rows = [textRow(1, '1'), textRow(2, '2', 'x', par(2)), textRow(3, '3', 'x', par(3), 'y')];
    const { records, rejected, list } = await ofRows(rows, numbered);
    expect({ records, rejected }).toEqual({ records: 2, rejected: ['1 par_missing'] });
    expect(list.header).toEqual(['column_1', 'column_2', 'column_3', 'column_4']);
    const memo = [textRow(1, '1', par(1)), textRow(2, '2', par(2), 'memo'), textRow(3, '3', par(3))];
    expect(await ofRows(memo, { header: false, columns: { userId: 1, par: 2 } })).toMatchObject({
      records: 3,
    });
  });

  test('a column that no row of a workbook has is refused', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(makeWorkbook({ rows: textRow(1, '1', par(1)) }), 'list.xlsx');
    const refusal = await refusalOf(path, { header: false, columns: { userId: 1, par: 4 } });
    expect(refusal?.message).toMatch(/column 4 was asked for, but the widest row has 2 cells/);
  });
});

describe('lines under the members', () => {
  test('a print date is no member and no damage', async () => {
    const { records, rejected, counts } = await outcomeOf(fileOf('date-footer.csv'));
    expect({ records, rejected, notes: counts.noteLines }).toEqual({ records: 2, rejected: [], notes: 1 });
  });

  test.each([
    '출력일: 2026-11-28,,',
    '출력일시,2026-11-28 13:05:00,',
    'Printed,11/28/2026,10:35',
    'Report date: 28-Nov-2026,,',
    '담당자,김철수,',
    '※ 대외비 12,,',
    '이하 여백,,',
    'Page 1 of 1,,',
    '2026-11-28,,',
    '작성일,2026년 11월 28일,',
  ])('%s', async (line) => {
    const text = `user_id,par,name\n${member(1, 'Kim')}\n${member(2, 'Lee')}\n${line}\n`;
    const { records, rejected, counts } = await ofText(text);
    expect({ records, rejected, notes: counts.noteLines }).toEqual({ records: 2, rejected: [], notes: 1 });
  });

  test('a member without ids is no note', async () => {
    const text = `name,user_id,par\nKim,${member(1)}\nLee,,\n미정,미정,미정\n`;
    expect(await ofText(text)).toMatchObject({
      records: 1,
      rejected: ['3 user_id_missing', '4 user_id_format'],
    });
  });

  test('the count of a database client is a totals line', async () => {
    const { records, rejected, counts } = await outcomeOf(fileOf('psql-footer.csv'));
    expect({ records, rejected, totals: counts.totalsLines }).toEqual({
      records: 2,
      rejected: [],
      totals: 1,
    });
  });

  test.each(['(2 rows)', '(2개 행)', '2 rows in set (0.01 sec)', '2 rows selected.', '(2 rows affected)'])(
    '%s must agree',
    async (line) => {
      const text = `user_id,par\n${member(1)}\n${member(2)}\n${line}\n`;
      expect(await ofText(text)).toMatchObject({ records: 2, rejected: [], counts: { totalsLines: 1 } });
      const wrong = text.replace(line, line.replace('2', '3'));
      expect(await refusalOfText(wrong)).toMatchObject({ reason: 'totals', line: 4 });
    },
  );

  test('a ruler under the header is no row', async () => {
    const text = ` user_id     |             par\n-------------+-----------------------------\n 10000000001 | ${par(1)}\n(1 row)\n`;
    const { records, rejected, counts } = await ofText(text);
    expect({ records, rejected, notes: counts.noteLines }).toEqual({ records: 1, rejected: [], notes: 1 });
  });

  test('a foot longer than any is rejected rows', async () => {
    const foot = Array.from({ length: 60 }, () => '비고\n').join('');
    const { rows } = await ofText(`user_id,par\n${member(1)}\n${foot}`);
    expect(rows.length).toBeGreaterThan(50);
  });
});

describe('a file that was cut off', () => {
  test('inside its last user id is refused, unless the job says that it may end so', async () => {
    const path = fileOf('cut-off-last-id.csv');
    const refusal = await refusalOf(path);
    expect(refusal).toMatchObject({ reason: 'cut_off', line: 3, column: 'user_id' });
    expect(refusal?.message).toMatch(/--yes, or say list\.mayEndWithoutLineEnd: true/);
    expect(refusal?.korean).toMatch(/3행, 열 user_id: 줄 끝 없이/);
    for (const options of [{ mayEndWithoutLineEnd: true }, { saidYes: true }]) {
      const { records, counts } = await outcomeOf(path, options);
      expect(records).toBe(2);
      expect(counts.openEnd).toEqual({ line: 3, field: 'userId', isCutOff: true });
    }
  });

  const reversed = (...ids: readonly string[]): string =>
    `par,user_id\n${ids.map((id, index) => `${par(index + 1)},${id}`).join('\n')}`;

  test.each([
    ['three rows', reversed('10000000001', '10000000002', '1000'), true],
    ['one digit short', reversed('10000000001', '10000000002', '1000000000'), true],
    [
      'a lone CR in place of line feeds',
      reversed('10000000001', '10000000002', '1000').replaceAll('\n', '\r'),
      true,
    ],
    ['CR LF', reversed('10000000001', '10000000002', '1000').replaceAll('\n', '\r\n'), true],
    [
      'ids of several lengths, newest first',
      reversed('10000000001', '1000000001', '100000001', '10000001'),
      false,
    ],
    ['whole', reversed('10000000001', '10000000002'), false],
    ['one row alone', reversed('1000'), false],
    ['a line end', `${reversed('10000000001', '1000')}\n`, false],
    ['a lone CR as line end', `${reversed('10000000001', '1000')}\r`, false],
    ['a closed quote', reversed('10000000001', '"1000"'), false],
    ['a blank behind it', reversed('10000000001', '1000 '), false],
    [
      'another column behind it',
      `${reversed('10000000001', '1000').replace('user_id', 'user_id,memo')},x`,
      false,
    ],
  ])('%s', async (_, text, isRefused) => {
    const refusal = await refusalOfText(text);
    expect(refusal?.reason ?? null).toBe(isRefused ? 'cut_off' : null);
  });

  test('inside a PAR the row is rejected and the end is told', async () => {
    const { rejected, counts } = await ofText(`user_id,par\n${member(1)}\n${member(2).slice(0, -5)}`);
    expect(rejected).toEqual(['3 par_length']);
    expect(counts.openEnd).toEqual({ line: 3, field: 'par', isCutOff: false });
    expect((await ofText(`user_id,par\n${member(1)}\n`)).counts.openEnd).toBeNull();
  });
});

describe('delimiters', () => {
  test('a tab after every cell: the comma, under which the rows hold ids', async () => {
    const { records, rejected, list } = await outcomeOf(fileOf('tab-after-every-cell.csv'));
    expect({ records, rejected, delimiter: list.delimiter }).toEqual({
      records: 2,
      rejected: [],
      delimiter: ',',
    });
  });

  test.each([
    ['commas after every cell of tabs', `user_id,\tpar,\tname,\n1\t${par(1)}\tKim\n`, '\t'],
    ['below a title', `list\nuser_id\t;par\t;\n1\t;${par(1)}\t;\n`, ';'],
    ['rows that are all bad: the header decides', `user_id,par\nx,y\n`, ','],
  ])('%s', async (_, text, delimiter) => {
    await using lists = await makeListFolder();
    const { list } = await readList(await lists.write(text));
    expect(list.delimiter).toBe(delimiter);
  });

  test('none that is known is told, and which are known', async () => {
    const refusal = await refusalOf(fileOf('unknown-delimiter.csv'));
    expect(refusal?.message).toMatch(
      /no delimiter was found .*; comma, semicolon, tab and pipe are known; .*add a first line sep=~/,
    );
    expect(refusal?.korean).toMatch(/구분자를 찾지 못했습니다/);
  });

  test.each([
    ['user_id^par\n1^x\n', /sep=\^/],
    ['회원번호:카드토큰\n1:x\n', /sep=:/],
    ['user_id par\n1 x\n', /export the list with one of them\.$/],
  ])('%j', async (text, says) => {
    const refusal = await refusalOfText(text);
    expect(refusal?.message).toMatch(/no delimiter was found/);
    expect(refusal?.message).toMatch(says);
  });

  test('the line that is advised is understood', async () => {
    expect(await ofText(`sep=~\nuser_id~par\n1~${par(1)}\n`)).toMatchObject({ records: 1 });
  });

  test('a list of one column lacks the other, not a delimiter', async () => {
    const refusal = await refusalOfText('user_id\n1\n');
    expect(refusal?.message).toMatch(/no column has a known name for the PAR/);
  });
});

describe('what only has a list’s name', () => {
  test.each([
    ['web-page-named.csv', /it is no list but a web page/],
    [
      'xml2003.xls',
      /it is no Excel workbook but an XML spreadsheet of Excel 2003; open it in Excel and save it as "Excel Workbook/,
    ],
  ])('%s', async (name, says) => {
    const refusal = await refusalOf(fileOf(name));
    expect(refusal?.message).toMatch(says);
    expect(refusal?.korean).toMatch(/엑셀에서 열어/);
  });

  const mhtml =
    'MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n';
  const sylk = 'ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K"user_id"\r\nE\r\n';
  test.each([
    ['<!DOCTYPE html>\n<p>Error 502</p>', /web page/],
    ['\ufeff\n  <meta charset="utf-8"><table>', /web page/],
    ['<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD"><html>', /web page/],
    ['<!-- a comment -->\n<HTML xmlns:x="urn:schemas-microsoft-com:office:excel">', /web page/],
    ['<?xml version="1.0"?>\n<ss:Workbook xmlns:ss="urn">', /XML spreadsheet of Excel 2003/],
    [mhtml, /web archive/],
    [`From: <Saved by Excel>\r\nSubject: x\r\n${mhtml}`, /web archive/],
    [sylk, /SYLK/],
    ['TABLE\r\n0,1\r\n"EXCEL"\r\n', /DIF/],
    ['{\\rtf1\\ansi', /RTF/],
    ['<?xml version="1.0"?><members/>', /XML document/],
  ])('%j, by either name', async (text, says) => {
    expect((await refusalOfText(text))?.message).toMatch(says);
    expect((await refusalOfText(text, {}, 'list.xls'))?.message).toMatch(says);
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect((await refusalOfText(utf16, {}, 'list.xls'))?.message).toMatch(says);
  });

  test.each([
    `ID;PAR;name\n1;${par(1)};Kim\n`,
    `<회원 명단>\nuser_id,par\n1,${par(1)}\n`,
    `From: a system\nuser_id,par\n1,${par(1)}\n`,
    `TABLE\nuser_id,par\n1,${par(1)}\n`,
  ])('a list is a list: %j', async (text) => {
    const columns = text.startsWith('ID') ? { userId: 'ID', par: null } : { userId: null, par: null };
    expect(await ofText(text, { columns })).toMatchObject({ records: 1 });
  });
});

describe('odd writers of workbooks', () => {
  test.each(['inline-text-outside-is.xlsx', 'inline-ids-outside-is.xlsx'])('%s is read', async (name) => {
    expect(await outcomeOf(fileOf(name))).toMatchObject({ records: 1, rejected: [] });
  });

  test.each([
    ['text of runs outside of is', (text: string) => `<c t="inlineStr"><r><t>${text}</t></r></c>`],
    ['text without its element', (text: string) => `<c t="inlineStr"><is>${text}</is></c>`],
    ['inline text in a cell of another type', (text: string) => `<c t="str"><is><t>${text}</t></is></c>`],
    ['inline text in a cell without a type', (text: string) => `<c><is><t>${text}</t></is></c>`],
    ['a value in an element of its own', (text: string) => `<c t="str"><v><t>${text}</t></v></c>`],
  ])('%s', async (_, cell) => {
    const rows = [textRow(1, 'user_id', 'par'), `<row r="2">${cell('10000000001')}${cell(par(1))}</row>`];
    expect(await ofRows(rows)).toMatchObject({ records: 1, rejected: [] });
  });

  test.each([
    ['another element', `<c t="inlineStr"><text>1</text></c><c t="inlineStr"><text>${par(1)}</text></c>`],
    ['no element', `<c t="inlineStr">1</c><c t="inlineStr">${par(1)}</c>`],
    ['two contents', `<c t="n"><v>5</v><is><t>1</t></is></c><c t="inlineStr"><is><t>${par(1)}</t></is></c>`],
  ])('content that is not understood is refused: %s', async (_, cells) => {
    await using lists = await makeListFolder();
    const rows = `${textRow(1, 'user_id', 'par')}<row r="2">${cells}</row>`;
    expect(await refusalOf(await lists.write(makeWorkbook({ rows }), 'list.xlsx'))).toMatchObject({
      reason: 'workbook',
    });
  });

  test('a sheet is hidden by the standard’s own words only, and every sheet left out is named', async () => {
    const { records, list } = await outcomeOf(fileOf('state-show.xlsx'));
    expect(records).toBe(2);
    expect(list.sheets).toEqual({ read: 'Members', unread: ['Old list'], hidden: [] });
  });

  test.each(['HIDDEN', 'Visible', 'on', ''])('state="%s" hides nothing', async (state) => {
    await using lists = await makeListFolder();
    const sheets = [
      { name: 'Members', rows: textRow(1, 'user_id', 'par') + textRow(2, '1', par(1)) },
      { name: 'Old', rows: textRow(1, 'user_id', 'par') },
    ];
    const book =
      '<workbook xmlns:r="r"><sheets>' +
      `<sheet name="Members" sheetId="1" state="${state}" r:id="rId1"/><sheet name="Old" sheetId="2" r:id="rId2"/></sheets></workbook>`;
    const path = await lists.write(makeWorkbook({ sheets, parts: { 'xl/workbook.xml': book } }), 'list.xlsx');
    expect((await outcomeOf(path)).list.sheets).toMatchObject({ read: 'Members', unread: ['Old'] });
  });

  test('what is missing matters only where it is needed', async () => {
    await using lists = await makeListFolder();
    const rows = textRow(1, 'user_id', 'par') + textRow(2, '1', par(1));
    const two = [
      { name: 'List', rows },
      { name: 'Leftover', rows: '' },
    ];
    const books = {
      'a leftover sheet without a part': makeWorkbook({
        sheets: two,
        parts: { 'xl/worksheets/sheet2.xml': null },
      }),
      'no styles': makeWorkbook({ rows, parts: { 'xl/styles.xml': null } }),
      'no shared texts, and none needed': makeWorkbook({
        rows,
        strings: '',
        parts: { 'xl/sharedStrings.xml': null },
      }),
    };
    for (const [name, book] of Object.entries(books)) {
      const { records, list } = await outcomeOf(await lists.write(book, 'list.xlsx'));
      const unread = name.startsWith('a leftover') ? ['Leftover'] : [];
      expect({ name, records, unread: list.sheets?.unread }).toEqual({ name, records: 1, unread });
    }
    const needed = makeWorkbook({
      rows: `${textRow(1, 'user_id', 'par')}<row r="2"><c t="s"><v>0</v></c></row>`,
      strings: '<si><t>1</t></si>',
      parts: { 'xl/sharedStrings.xml': null },
    });
    expect((await refusalOf(await lists.write(needed, 'list.xlsx')))?.message).toMatch(
      /points to a text that does not exist/,
    );
    const first = makeWorkbook({ sheets: two.toReversed(), parts: { 'xl/worksheets/sheet1.xml': null } });
    expect((await refusalOf(await lists.write(first, 'list.xlsx')))?.message).toMatch(/"Leftover".*--sheet/);
  });

  test.each(['Workbook', 'WORKBOOK', 'workbook', 'BOOK'])(
    'a stream called %s is an old workbook',
    async (name) => {
      const refusal = await refusalOfText(compoundWith(name), {}, 'list.xls');
      expect(refusal?.message).toMatch(/old format of Excel 97-2003/);
    },
  );

  test('a workbook from before streams, and a binary one with macros', async () => {
    const bare = Buffer.from([9, 0, 4, 0, 0, 0, 0x10, 0]);
    expect((await refusalOfText(bare, {}, 'list.xls'))?.message).toMatch(/old format/);
    const binary = makeWorkbook({ parts: { 'xl/workbook.bin': 'x', 'xl/vbaProject.bin': 'x' } });
    expect((await refusalOfText(binary, {}, 'list.xlsb'))?.message).toMatch(/\.xlsb/);
  });
});

/** A compound file as far as we look at one: its mark, and a directory entry for one stream. */
function compoundWith(stream: string): Buffer {
  const file = Buffer.alloc(1024);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0]).copy(file);
  file.write(`${stream}\0`, 512, 'utf16le');
  file.writeUInt16LE((stream.length + 1) * 2, 512 + 64);
  file[512 + 66] = 2;
  return file;
}

describe('Western encodings', () => {
  const western = Buffer.from(
    `user_id,par,name\n1,${par(1)},Jos\xe9\n2,${par(2)},\x93M\xfcller\x94\n`,
    'latin1',
  );

  test('the advice names what can be done, and that does it', async () => {
    const refusal = await refusalOfText(western);
    expect(refusal?.message).toMatch(/--encoding latin-1/);
    expect(refusal?.korean).toMatch(/--encoding latin-1/);
    await using lists = await makeListFolder();
    const { records, rows } = await outcomeOf(await lists.write(western), { encoding: 'latin-1' });
    expect(records).toBe(2);
    expect(rows.map(({ cells }) => cells[2])).toEqual(['José', '“Müller”']);
  });

  test.each([
    ['every byte there is', Buffer.from(Array.from({ length: 128 }, (_, index) => index + 128))],
    ['Japanese', Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea])],
    ['UTF-8', Buffer.from('김철수')],
  ])('ids are right whatever the names are in: %s', async (_, name) => {
    await using lists = await makeListFolder();
    const content = Buffer.concat([Buffer.from(`user_id,par,name\n1,${par(1)},`), name, Buffer.from('\n')]);
    expect(await outcomeOf(await lists.write(content), { encoding: 'latin-1' })).toMatchObject({
      records: 1,
      rejected: [],
    });
  });
});

describe('nine in ten rejected for one reason in one column', () => {
  const bad = (number: number): string => member(number).slice(0, -1);
  const listOf = (good: number, wrong: number): string =>
    `user_id,par\n${Array.from({ length: good + wrong }, (_, i) => (i < good ? member(i) : bad(i))).join('\n')}\n`;

  test('refuse the list, with the first three lines, masked', async () => {
    const refusal = await refusalOfText(listOf(0, 20));
    expect(refusal).toMatchObject({ reason: 'rejected', line: 2, column: 'par' });
    expect(refusal?.message).toMatch(
      /20 of 20 rows would be rejected for the same reason in column "par", par_length: line 2: .* · line 3: .* · line 4: /,
    );
    expect(refusal?.korean).toMatch(/2행: .* · 3행: .* · 4행: /);
    expect(`${refusal?.message}${refusal?.korean}`).not.toMatch(/Q1MEMBER/);
  });

  test.each([
    [2, 18, true],
    [3, 17, false],
    [4, 20, false],
    [0, 19, false],
    [10, 90, true],
    [11, 89, false],
  ])('%i good, %i bad', async (good, wrong, isRefused) => {
    expect((await refusalOfText(listOf(good, wrong)))?.reason ?? null).toBe(isRefused ? 'rejected' : null);
  });

  test('for several reasons, or said yes to, or handed back: not', async () => {
    const mixed = `user_id,par\n${Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? bad(i) : `x,${par(i)}`)).join('\n')}\n`;
    expect(await refusalOfText(mixed)).toBeNull();
    expect(await refusalOfText(listOf(0, 20), { saidYes: true })).toBeNull();
    const ours =
      ',line,class,code,message,who_must_act,attempts,http_status,correlation_id,first_attempt_at,last_attempt_at,note';
    const lines = listOf(0, 20).trimEnd().split('\n');
    const handedBack = lines.map((line, i) => line + (i === 0 ? ours : ','.repeat(11))).join('\n');
    expect(await refusalOfText(handedBack)).toBeNull();
  });
});

describe('good lists pass whole', () => {
  test.each([
    [
      'ids of 8 to 11 digits, newest first, without a line end',
      `par,user_id\n${par(1)},12345678901\n${par(2)},1234567890\n${par(3)},123456789\n${par(4)},12345678`,
      4,
    ],
    [
      'a member number beside a login name',
      `회원번호,아이디,성명,카드토큰\n1,kim1,김,${par(1)}\n2,77,이,${par(2)}\n`,
      2,
    ],
    [
      'a memo of three lines',
      `user_id,par,memo\n${member(1, '"전화 01012345678, 2회\n10000000009, 확인\n끝, 1"')}\n${member(2, '')}\n`,
      2,
    ],
    [
      'two exports joined',
      `회원 명단\nuser_id,par\n${member(1)}\n${member(2)}\n합계,2\n\n회원 명단\nuser_id,par\n${member(3)}\n합계,1\n`,
      3,
    ],
  ])('%s', async (_, text, records) => {
    expect(await ofText(text)).toMatchObject({ records, rejected: [] });
  });

  test('24 rows, 20 of them with a PAR of 26 characters', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => (i < 4 ? member(i) : member(i).slice(0, -1)));
    const { records, rejected } = await ofText(`user_id,par\n${rows.join('\n')}\n`);
    expect([records, rejected.length]).toEqual([4, 20]);
  });
});

describe('header names', () => {
  const rows = Array.from({ length: 5 }, (_, index) => member(index + 1)).join('\n');
  const swapped = Array.from({ length: 5 }, (_, index) => `login${index},${par(index + 1)}`).join('\n');

  test.each([
    '아이디,par',
    '회원코드,par',
    '유저번호,par',
    'mbr_no,par',
    'uid,par',
    'user_id,PAR 번호',
    'user_id,par_no',
    'mbr_no,par_no',
  ])('a short name counts where no known one is there and the rows hold such values: %s', async (header) => {
    expect(await ofText(`${header}\n${rows}\n`)).toMatchObject({ records: 5, rejected: [] });
  });

  test('a short name does not count where the rows hold other values', async () => {
    expect(await refusalOfText(`아이디,par\n${swapped}\n`)).not.toBeNull();
  });

  test('a known name is taken before a short one', async () => {
    const both = Array.from({ length: 5 }, (_, index) => `${member(index + 1)},${index + 1}`).join('\n');
    const { rows: read } = await ofText(`회원번호,par,uid\n${both}\n`);
    expect(read[0]?.content).toMatchObject({ kind: 'record', userId: '10000000001' });
  });

  test.each([
    '회원번호(ID),PAR(27자리)',
    '회원번호 (필수),PAR *',
    '(ID)회원번호,(필수)PAR',
    'user_id (회원번호),PAR(카드토큰)',
    '회원번호[NO],PAR 번호',
    '회원번호（필수）,PAR（27자리）',
  ])('a gloss that says the same is none: %s', async (header) => {
    expect(await ofText(`${header}\n${rows}\n`)).toMatchObject({ records: 5, rejected: [] });
  });

  test.each(['PAR(구)', 'PAR(이전)', 'PAR (해지)', 'PAR(old)', '(구)PAR', '카드토큰(구)'])(
    'a gloss that may mean the opposite is not stripped, and --map is proposed: %s',
    async (name) => {
      const refusal = await refusalOfText(`user_id,${name}\n${rows}\n`);
      expect(refusal?.message).toContain(`--map "${name}"=par`);
      expect(refusal?.korean).toContain('--map');
    },
  );
});
