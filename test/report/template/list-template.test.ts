import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre';
import { describe, expect, test } from 'vitest';
import { openArchive } from '../../../src/intake/xlsx/xlsx-archive.ts';
import { findColumns } from '../../../src/intake/header/list-columns.ts';
import { writeListTemplate } from '../../../src/report/template/list-template.ts';
import { makeListFolder, readList } from '../../intake/list-folder.ts';
import { readTable } from '../../intake/xlsx/xlsx-reading.ts';

const headers = { ko: ['회원번호', 'PAR', '이름'], en: ['user_id', 'par', 'name'] } as const;
const languages = ['ko', 'en'] as const;
const at = new Date('2026-11-23T00:00:00Z');

describe.each(languages)('a template in %s', (language) => {
  test('as CSV is its header, as spreadsheets write it', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.CSV');
    await writeListTemplate(path, { language, at });
    expect(await readFile(path, 'utf8')).toBe(`\ufeff${headers[language].join(',')}\r\n`);
    const { list, rows } = await readList(path);
    expect(list.header).toEqual(headers[language]);
    expect(rows).toEqual([]);
  });

  test('as a workbook is read as its header alone, with columns our reader finds', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.xlsx');
    await writeListTemplate(path, { language, at });
    const { records, totals } = await readTable(path);
    expect(records).toEqual([{ line: 1, cells: headers[language] }]);
    expect(totals).toEqual({ records: 1, blankLines: 0 });
    expect(findColumns(headers[language], { userId: null, par: null })).toMatchObject({
      kind: 'found',
      userId: 0,
      par: 1,
    });
  });

  test('as a workbook keeps ids as text: the header bold and frozen', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.xlsx');
    await writeListTemplate(path, { language, at });
    const [sheet] = (await readXlsx(await readFile(path), { readStyles: true })).sheets;
    expect(sheet?.freezePane).toMatchObject({ rows: 1 });
    expect(sheet?.columns?.every(({ width = 0 }) => width >= 20)).toBe(true);
    expect(sheet?.cells?.get('0,0')?.style?.font?.bold).toBe(true);
    expect(sheet?.dataValidations).toMatchObject([
      { type: 'custom', formula1: 'ISTEXT(A2)', range: 'A2:B1048576' },
    ]);
    expect(sheet?.dataValidations?.[0]?.errorMessage?.length).toBeLessThan(256);
    expect(sheet?.conditionalRules).toMatchObject([{ formula: 'ISNUMBER(A2)', range: 'A2:B1048576' }]);
  });

  test('has a second sheet that says how to fill it in', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.xlsx');
    await writeListTemplate(path, { language, at });
    const { sheets } = await readXlsx(await readFile(path));
    expect(sheets.map(({ name }) => name)).toEqual(
      { ko: ['회원 목록', '작성 방법'], en: ['List', 'How to fill in'] }[language],
    );
    const { records } = await readTable(path, sheets[1]?.name);
    const said = records.map(({ cells }) => cells.join()).join('\n');
    for (const word of ['19', '27', 'A-Z', '15', '.xlsx', 'CSV UTF-8']) expect(said).toContain(word);
  });
});

test('a column as a whole is text, so a cell nobody prepared keeps the digits typed into it', async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'list.xlsx');
  await writeListTemplate(path, { language: 'en', at });
  const sheet = await readPart(path, 'xl/worksheets/sheet1.xml');
  const styles = [...sheet.matchAll(/<col min="(\d)" max="\1" width="\d+" style="(\d+)"/g)].map(
    ([, , style]) => Number(style),
  );
  expect(styles).toHaveLength(3);
  const formats =
    /<cellXfs.*<\/cellXfs>/.exec(await readPart(path, 'xl/styles.xml'))?.[0].match(/<xf [^>]*/g) ?? [];
  // 49 is the built-in format @.
  for (const style of styles) expect(formats[style]).toContain('numFmtId="49"');
});

async function readPart(path: string, name: string): Promise<string> {
  const archive = await openArchive({ path, name: 'list.xlsx' });
  try {
    const pieces: Buffer[] = [];
    for await (const piece of archive.readPart(name, 'other')) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces).toString();
  } finally {
    await archive.close();
  }
}

test('what is filled in is read back', async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'list.csv');
  await writeListTemplate(path, { language: 'ko', at });
  await writeFile(path, '1234567890123456789,ABCDEFGHIJKLMNOPQRSTUVWXYZ0,김\r\n', { flag: 'a' });
  const { rows } = await readList(path);
  expect(rows).toMatchObject([{ rowNo: 1, content: { kind: 'record', userId: '1234567890123456789' } }]);
});

test.each(['list.csv', 'list.xlsx'])('a file that is there is never written over: %s', async (name) => {
  await using lists = await makeListFolder();
  const path = await lists.write('mine', name);
  await expect(writeListTemplate(path, { language: 'en', at })).rejects.toMatchObject({
    code: 'TEMPLATE_EXISTS',
    message: `${path} exists already; name another file, or move that one away.`,
  });
  expect(await readFile(path, 'utf8')).toBe('mine');
});

test.each(['list.xls', 'list.ods', 'list', 'csv', '.xlsx'])('another ending is refused: %s', async (name) => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, name);
  await expect(writeListTemplate(path, { language: 'en', at })).rejects.toMatchObject({
    code: 'TEMPLATE_ENDING',
  });
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test("a folder that isn't there is the system's error", async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'none', 'list.csv');
  await expect(writeListTemplate(path, { language: 'en', at })).rejects.toMatchObject({ code: 'ENOENT' });
});
