import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeXlsx, writeXlsxStream } from 'hucre';
import { describe, expect, test } from 'vitest';
import { sha256OfFile } from '../../../src/intake/file-hash.ts';
import { ListNotFoundError } from '../../../src/intake/list-errors.ts';
import { openXlsxTable } from '../../../src/intake/xlsx/xlsx-table.ts';
import { makeListFolder } from '../list-folder.ts';
import { makeWorkbook, makeZip, textRow, workbookParts } from './workbook-maker.ts';
import { readContent, readTable } from './xlsx-reading.ts';

const ROWS = 5_000;
const manyRows = Array.from({ length: ROWS }, (_, i) => textRow(i + 1, `id ${i}`, 'x'.repeat(20))).join('');
const many = makeWorkbook({ rows: manyRows });
const quiet = { onBytes: () => undefined };

describe('sets', () => {
  test('have a few hundred records each, and all rows in order', async () => {
    const { records, setSizes, totals } = await readContent(many);
    expect(totals).toEqual({ records: ROWS, blankLines: 0 });
    expect(records.map(({ cells: [first] }) => first)).toEqual(
      Array.from({ length: ROWS }, (_, i) => `id ${i}`),
    );
    expect(new Set(setSizes.slice(0, -1))).toEqual(new Set([300]));
    expect(setSizes.at(-1)).toBe(ROWS % 300);
  });

  test('of wide records are smaller', async () => {
    const rows = ['<row><c t="str"><v>a</v></c><c r="XFD1" t="str"><v>b</v></c></row>'];
    for (let line = 2; line <= 100; line += 1) rows.push(textRow(line, 'x'));
    const { records, setSizes } = await readContent(makeWorkbook({ rows: rows.join('') }));
    expect(records).toHaveLength(100);
    expect(records.every(({ cells }) => cells.length === 16_384)).toBe(true);
    expect(Math.max(...setSizes)).toBeLessThan(20);
  });

  test('of long texts are smaller', async () => {
    const long = Array.from({ length: 15 }, () => 'x'.repeat(60_000));
    const rows = Array.from({ length: 30 }, (_, index) => textRow(index + 1, ...long));
    const { records, setSizes } = await readContent(makeWorkbook({ rows: rows.join('') }));
    expect(records).toHaveLength(30);
    expect(Math.max(...setSizes)).toBeLessThan(10);
  });

  test('come again from the beginning with every reading, also with two at a time', async () => {
    await using lists = await makeListFolder();
    const table = await openXlsxTable(await lists.write(many, 'list.xlsx'), { sheet: null });
    const [one, two] = [table.records(quiet), table.records(quiet)];
    const first = await one.next();
    expect(await two.next()).toEqual(first);
    await Promise.all([one.return({ records: 0, blankLines: 0 }), two.return({ records: 0, blankLines: 0 })]);
  });
});

test('rows are handed out before a fault below them is met', async () => {
  await using lists = await makeListFolder();
  const path = await lists.write(makeWorkbook({ rows: `${manyRows}<row r="1"/>` }), 'list.xlsx');
  const table = await openXlsxTable(path, { sheet: null });
  let handedOut = 0;
  const reading = (async () => {
    for await (const set of table.records(quiet)) handedOut += set.length;
  })();
  await expect(reading).rejects.toMatchObject({ reason: 'workbook', line: ROWS });
  expect(handedOut).toBeGreaterThan(ROWS / 2);
});

describe('the bytes', () => {
  test('of the whole file are handed over in order, after the last row', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(many, 'list.xlsx');
    const table = await openXlsxTable(path, { sheet: null });
    const hash = createHash('sha256');
    let chunks = 0;
    let chunksAtLastSet = -1;
    for await (const set of table.records({
      onBytes(chunk) {
        hash.update(chunk);
        chunks += 1;
      },
    })) {
      expect(set.length).toBeGreaterThan(0);
      chunksAtLastSet = chunks;
    }
    expect(chunksAtLastSet).toBe(0);
    expect(hash.digest('hex')).toBe(await sha256OfFile(path));
  });

  test('that changed while the rows were read make the list one that changed', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(many, 'list.xlsx');
    const table = await openXlsxTable(path, { sheet: null });
    const reading = table.records({ onBytes: () => undefined });
    await reading.next();
    await utimes(path, new Date(0), new Date(0));
    await expect(exhaust(reading)).rejects.toMatchObject({ reason: 'changed' });
  });

  test('of another file under the same name make it one that changed', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(many, 'list.xlsx');
    const table = await openXlsxTable(path, { sheet: null });
    const reading = table.records({ onBytes: () => undefined });
    await reading.next();
    await rename(await lists.write(many, 'other.xlsx'), path);
    await expect(exhaust(reading)).rejects.toMatchObject({ reason: 'changed' });
  });
});

test('a file that is gone before its end is known to be the same is one that changed', async () => {
  await using lists = await makeListFolder();
  const path = await lists.write(many, 'list.xlsx');
  const onBytes = () => rmSync(path, { force: true });
  await expect(readTable(path, null, { onBytes })).rejects.toMatchObject({ reason: 'changed' });
});

describe('being stopped', () => {
  test('an aborted signal throws its reason between sets, and at the start', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(many, 'list.xlsx');
    const table = await openXlsxTable(path, { sheet: null });
    const controller = new AbortController();
    const reading = table.records({ ...quiet, signal: controller.signal });
    await reading.next();
    controller.abort(new Error('stopped'));
    await expect(reading.next()).rejects.toThrow('stopped');
    await expect(table.records({ ...quiet, signal: controller.signal }).next()).rejects.toThrow('stopped');
    expect(openHandles(path)).toBe(0);
  });

  test('an aborted signal throws its reason while the texts are read', async () => {
    await using lists = await makeListFolder();
    const strings = '<si><t>x</t></si>'.repeat(50_000);
    const path = await lists.write(makeWorkbook({ rows: manyRows, strings }), 'list.xlsx');
    const table = await openXlsxTable(path, { sheet: null });
    const controller = new AbortController();
    const reading = table.records({ ...quiet, signal: controller.signal }).next();
    controller.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
  });

  test('an aborted signal throws its reason before the bytes', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(makeWorkbook({ rows: textRow(1, 'a') }), 'list.xlsx');
    const controller = new AbortController();
    let bytes = 0;
    const reading = (await openXlsxTable(path, { sheet: null })).records({
      onBytes: (chunk) => (bytes += chunk.length),
      signal: controller.signal,
    });
    await reading.next();
    controller.abort(new Error('stopped'));
    await expect(reading.next()).rejects.toThrow('stopped');
    expect(bytes).toBe(0);
  });

  test('no file stays open: not after opening, the end, a break or a throw', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(many, 'list.xlsx');
    const table = await openXlsxTable(path, { sheet: null });
    expect(openHandles(path)).toBe(0);
    await readTable(path);
    expect(openHandles(path)).toBe(0);
    for await (const set of table.records(quiet)) {
      expect(set.length).toBeGreaterThan(0);
      break;
    }
    expect(openHandles(path)).toBe(0);
    const broken = async () => {
      for await (const set of table.records(quiet)) throw new Error(`after ${set.length}`);
    };
    await expect(broken()).rejects.toThrow('after 300');
    expect(openHandles(path)).toBe(0);
  });

  test('no file stays open after a refusal, at opening or while reading', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(makeWorkbook({ rows: '<row r="0"/>' }), 'list.xlsx');
    await expect(readTable(path)).rejects.toMatchObject({ reason: 'workbook' });
    await expect(openXlsxTable(path, { sheet: 'none' })).rejects.toMatchObject({ reason: 'sheet_missing' });
    const [first, ...others] = workbookParts({});
    const twice = first === undefined ? others : [first, first, ...others];
    const broken = await lists.write(makeZip(twice), 'broken.xlsx');
    await expect(openXlsxTable(broken, { sheet: null })).rejects.toMatchObject({ reason: 'workbook' });
    expect(openHandles(path) + openHandles(broken)).toBe(0);
  });

  test('an open file would be seen where the system shows them', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(many, 'list.xlsx');
    const reading = (await openXlsxTable(path, { sheet: null })).records(quiet);
    await reading.next();
    expect(openHandles(path)).toBe(existsSync('/proc/self/fd') ? 1 : 0);
    await reading.return({ records: 0, blankLines: 0 });
  });
});

describe('no such file', () => {
  test('at opening, and when it is gone at reading', async () => {
    const lists = await makeListFolder();
    await expect(openXlsxTable(join(lists.folder, 'none.xlsx'), { sheet: null })).rejects.toThrow(
      ListNotFoundError,
    );
    await expect(openXlsxTable(lists.folder, { sheet: null })).rejects.toThrow(/folder/);
    const table = await openXlsxTable(await lists.write(many, 'list.xlsx'), { sheet: null });
    await lists[Symbol.asyncDispose]();
    await expect(table.records(quiet).next()).rejects.toThrow(ListNotFoundError);
  });
});

describe('a workbook of another writer', () => {
  test.each(['shared', 'inline'] as const)('with its strings %s', async (stringMode) => {
    const content = await writeXlsx({
      stringMode,
      sheets: [
        {
          name: '회원',
          rows: [
            ['회원번호', 'PAR', '가입일', '잔액', '동의', '비고'],
            [
              '0012',
              'ABCDEFGHIJKLMNOPQRSTUVWXYZ0',
              new Date(Date.UTC(2024, 0, 31, 13, 5)),
              12.5,
              true,
              ' 김\n민수 ',
            ],
            [],
            [9007199254740991, null, null, null, false, '#N/A'],
          ],
          cells: new Map([['3,2', { formula: 'B2', value: null, formulaResult: 'x' }]]),
        },
      ],
    });
    const { records, totals } = await readContent(content);
    expect(records).toEqual([
      { line: 1, cells: ['회원번호', 'PAR', '가입일', '잔액', '동의', '비고'] },
      {
        line: 2,
        cells: ['0012', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0', '2024-01-31T13:05:00', '12.5', 'TRUE', ' 김\n민수 '],
        marks: [{ index: 2, kind: 'date' }],
      },
      {
        line: 4,
        cells: ['9007199254740991', '', 'x', '', 'FALSE', '#N/A'],
        marks: [
          { index: 0, kind: 'long_number' },
          { index: 2, kind: 'formula' },
          { index: 5, kind: 'error' },
        ],
      },
    ]);
    expect(totals).toEqual({ records: 3, blankLines: 1 });
  });
});

test.each([
  { zip64: true, inlineStrings: true },
  { zip64: false, inlineStrings: false },
])('a workbook written as a stream, its sizes behind its parts: %o', async (options) => {
  const rows = Array.from({ length: 1_000 }, (_, i) => [`${10n ** 18n + BigInt(i)}`, '김'.repeat(i % 5)]);
  const content = await new Response(writeXlsxStream(rows, { name: 'List', ...options })).bytes();
  const { records } = await readContent(content);
  expect(records.map(({ cells: [id] }) => id)).toEqual(rows.map(([id]) => id));
});

async function exhaust(sets: AsyncIterable<unknown>): Promise<void> {
  for await (const set of sets) expect(set).toBeDefined();
}

function openHandles(path: string): number {
  if (!existsSync('/proc/self/fd')) return 0;
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}
