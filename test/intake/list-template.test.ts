import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre';
import { describe, expect, test } from 'vitest';
import { findColumns } from '../../src/intake/header/list-columns.ts';
import { writeListTemplate } from '../../src/intake/template/list-template.ts';
import { makeListFolder, readList } from './list-folder.ts';
import { readTable } from './xlsx/xlsx-reading.ts';

const headers = { ko: ['회원번호', 'PAR', '이름'], en: ['user_id', 'par', 'name'] } as const;
const languages = ['ko', 'en'] as const;

describe.each(languages)('a template in %s', (language) => {
  test('as CSV is its header, as spreadsheets write it', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.CSV');
    await writeListTemplate(path, language);
    expect(await readFile(path, 'utf8')).toBe(`\ufeff${headers[language].join(',')}\r\n`);
    const { list, rows } = await readList(path);
    expect(list.header).toEqual(headers[language]);
    expect(rows).toEqual([]);
  });

  test('as a workbook is read as its header alone, with columns our reader finds', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.xlsx');
    await writeListTemplate(path, language);
    const { records, totals } = await readTable(path);
    expect(records).toEqual([{ line: 1, cells: headers[language] }]);
    expect(totals).toEqual({ records: 1, blankLines: 0 });
    expect(findColumns(headers[language], { userId: null, par: null })).toMatchObject({
      kind: 'found',
      userId: 0,
      par: 1,
    });
  });

  test('as a workbook keeps ids as text: the header bold and frozen, thousands of cells prepared', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.xlsx');
    await writeListTemplate(path, language);
    const [sheet] = (await readXlsx(await readFile(path), { readStyles: true })).sheets;
    expect(sheet?.freezePane).toMatchObject({ rows: 1 });
    expect(sheet?.columns?.every(({ width = 0 }) => width >= 20)).toBe(true);
    expect(sheet?.cells?.get('0,0')?.style?.font?.bold).toBe(true);
    for (const place of ['1,0', '1,1', '1000,0', '5000,1']) {
      expect(sheet?.cells?.get(place)?.style?.numFmt).toBe('@');
    }
    expect(sheet?.dataValidations).toMatchObject([
      { type: 'custom', formula1: 'ISTEXT(A2)', range: 'A2:B1048576' },
    ]);
    expect(sheet?.dataValidations?.[0]?.errorMessage?.length).toBeLessThan(256);
    expect(sheet?.conditionalRules).toMatchObject([{ formula: 'ISNUMBER(A2)', range: 'A2:B1048576' }]);
  });

  test('has a second sheet that says how to fill it in', async () => {
    await using lists = await makeListFolder();
    const path = join(lists.folder, 'list.xlsx');
    await writeListTemplate(path, language);
    const { sheets } = await readXlsx(await readFile(path));
    expect(sheets.map(({ name }) => name)).toEqual(
      { ko: ['회원 목록', '작성 방법'], en: ['List', 'How to fill in'] }[language],
    );
    const { records } = await readTable(path, sheets[1]?.name);
    const said = records.map(({ cells }) => cells.join()).join('\n');
    for (const word of ['19', '27', 'A-Z', '15', '.xlsx', 'CSV UTF-8']) expect(said).toContain(word);
  });
});

test('what is filled in is read back', async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'list.csv');
  await writeListTemplate(path, 'ko');
  await writeFile(path, '1234567890123456789,ABCDEFGHIJKLMNOPQRSTUVWXYZ0,김\r\n', { flag: 'a' });
  const { rows } = await readList(path);
  expect(rows).toMatchObject([{ rowNo: 1, content: { kind: 'record', userId: '1234567890123456789' } }]);
});

test.each(['list.csv', 'list.xlsx'])('a file that is there is never written over: %s', async (name) => {
  await using lists = await makeListFolder();
  const path = await lists.write('mine', name);
  await expect(writeListTemplate(path, 'en')).rejects.toMatchObject({
    code: 'TEMPLATE_EXISTS',
    message: `${path} is there already; name another file, or move that one away.`,
  });
  expect(await readFile(path, 'utf8')).toBe('mine');
});

test.each(['list.xls', 'list.ods', 'list', 'csv', '.xlsx'])('another ending is refused: %s', async (name) => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, name);
  await expect(writeListTemplate(path, 'en')).rejects.toMatchObject({ code: 'TEMPLATE_ENDING' });
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test("a folder that isn't there is the system's error", async () => {
  await using lists = await makeListFolder();
  const path = join(lists.folder, 'none', 'list.csv');
  await expect(writeListTemplate(path, 'en')).rejects.toMatchObject({ code: 'ENOENT' });
});
