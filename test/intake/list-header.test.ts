import { describe, expect, test } from 'vitest';
import { makeListFolder, openFile, PAR, readList, refusalOf } from './list-folder.ts';

const row = `1,${PAR},x\n`;

describe('found under titles', () => {
  test.each([
    ['one title line', `2026년 11월 회원 목록\n회원번호,PAR,이름\n${row}`, 2, 1, 0],
    ['titles and blank lines', `목록\n\n작성자,김\n\nuser_id,par,name\n${row}`, 5, 2, 2],
    ['a title that names one column alone', `PAR\nuser_id,par,name\n${row}`, 2, 1, 0],
    ['titles as wide as the list', `목록,,\n,,\nuser_id,par,name\n${row}`, 3, 1, 1],
    ['the twentieth line', `${'title\n'.repeat(19)}user_id,par,name\n${row}`, 20, 19, 0],
  ])('%s', async (_, content, line, titleLines, blankLines) => {
    await using lists = await makeListFolder();
    const { list, rows } = await readList(await lists.write(content));
    expect(list.headerLine).toBe(line);
    expect(list.counts()).toMatchObject({ rowsRead: 1, titleLines, blankLines });
    expect(rows.map((read) => [read.rowNo, read.line, read.content.kind])).toEqual([[1, line + 1, 'record']]);
  });

  test('not below the twentieth line: the one with the most cells is shown as seen', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`no,memo\n${'title\n'.repeat(19)}user_id,par,name\n${row}`);
    const refusal = await refusalOf(path);
    expect(refusal).toMatchObject({ reason: 'column_missing', line: 1 });
    expect(refusal?.message).toMatch(/; if the header stands below line 20, delete lines above it\.$/);
    const short = await refusalOf(await lists.write('no,memo\ntitle\n', 'short.csv'));
    expect(short?.message).not.toContain('line 20');
  });

  test('not below a row of data', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`12345678901,${PAR}\nuser_id,par\n1,${PAR}\n`);
    const refusal = await refusalOf(path);
    expect(refusal).toMatchObject({ reason: 'column_missing', line: 1 });
    expect(refusal?.message).toContain("looks like a member's row");
    expect(refusal?.message).not.toContain(PAR);
  });

  test('two columns for one field are refused, also under a title', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`목록\nuser_id,par,회원번호\n`);
    expect(await refusalOf(path)).toMatchObject({ reason: 'column_twice', line: 2, column: 3 });
  });

  test('a header that lacks one column is the one that is told', async () => {
    await using lists = await makeListFolder();
    const refusal = await refusalOf(await lists.write(`a,b,c,d,e\nname,par\n`));
    expect(refusal).toMatchObject({ reason: 'column_missing', line: 2 });
    expect(refusal?.message).toContain('seen: "name", "par"');
  });
});

describe('delimiters', () => {
  test.each([
    ['pipe', '|', `user_id|par|name\n1|${PAR}|a,b\n`],
    ['semicolon under a title with commas', ';', `a,b,c,d,e,f\nuser_id;par;name\n1;${PAR};x\n`],
    ['tab, cells with commas', '\t', `user_id\tpar\tname, first, last, other\n1\t${PAR}\tx\n`],
    ['told by sep=', ';', `sep=;\nuser_id;par;name\n1;${PAR};x\n`],
    ['told by sep=, an uncommon one', '^', `sep=^\r\nuser_id^par^name\r\n1^${PAR}^x\r\n`],
    ['told by sep=, one of two bytes', '§', `sep=§\nuser_id§par§name\n1§${PAR}§x\n`],
    ['told by sep= behind a byte order mark', ';', `\ufeffsep=;\nuser_id;par;name\n1;${PAR};x\n`],
  ])('%s', async (_, delimiter, content) => {
    await using lists = await makeListFolder();
    const { list, rows } = await readList(await lists.write(content));
    expect(list.delimiter).toBe(delimiter);
    expect(rows.map((read) => read.content.kind)).toEqual(['record']);
    expect(rows[0]?.cells.length).toBe(3);
  });
});

describe('without a header', () => {
  const options = { header: false, columns: { userId: 2, par: 1 } } as const;

  test('columns are given by number, the first line is a row', async () => {
    await using lists = await makeListFolder();
    const { list, rows } = await readList(await lists.write(`${PAR},7,x\n${PAR},8,y\n`), options);
    expect(list).toMatchObject({ headerLine: null, header: ['column_1', 'column_2', 'column_3'] });
    expect(rows.map((read) => [read.line, read.content])).toEqual([
      [1, { kind: 'record', userId: '7', par: PAR }],
      [2, { kind: 'record', userId: '8', par: PAR }],
    ]);
    expect(list.counts()).toMatchObject({ rowsRead: 2, titleLines: 0 });
  });

  test('semicolons are found by the first line', async () => {
    await using lists = await makeListFolder();
    const list = await openFile(await lists.write(`${PAR};7;x\n`), options);
    expect(list.delimiter).toBe(';');
  });

  test('a number beyond the first row is refused', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`${PAR}\n`);
    expect(await refusalOf(path, options)).toMatchObject({ reason: 'column_missing', line: 1 });
  });
});
