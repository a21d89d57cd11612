import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256OfFile } from '../../../src/intake/file-hash.ts';
import { ListNotFoundError } from '../../../src/intake/list-errors.ts';
import { collectRows, makeListFolder, openFile, PAR, readList } from '../list-folder.ts';

describe('a good list', () => {
  test('rows come with number, line, own cells and record', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(
      `name,user_id,par\n 김 ,0012, ${PAR} \n"Lee, J",9999999999999999999,${PAR}\n`,
    );
    const { list, rows } = await readList(path);
    expect(list).toMatchObject({
      name: 'list.csv',
      header: ['name', 'user_id', 'par'],
      encoding: 'utf-8',
      delimiter: ',',
      columns: { userId: 1, par: 2 },
      handedBack: false,
    });
    expect(rows).toEqual([
      {
        rowNo: 1,
        line: 2,
        cells: [' 김 ', '0012', ` ${PAR} `],
        content: { kind: 'record', userId: '12', par: PAR },
      },
      {
        rowNo: 2,
        line: 3,
        cells: ['Lee, J', '9999999999999999999', PAR],
        content: { kind: 'record', userId: '9999999999999999999', par: PAR },
      },
    ]);
    expect(list.counts()).toMatchObject({ rowsRead: 2, blankLines: 0 });
  });

  test.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
  ])('delimiter %s', async (_, delimiter) => {
    await using lists = await makeListFolder();
    const path = await lists.write(
      [['user_id', '"a,b;c\t,;\t"', 'par'], ['1', 'x', PAR], ['\t \t']]
        .map((row) => row.join(delimiter))
        .join('\n'),
    );
    const { list, rows } = await readList(path);
    expect(list.delimiter).toBe(delimiter);
    expect(rows[0]?.content).toEqual({ kind: 'record', userId: '1', par: PAR });
    expect(list.counts()).toMatchObject({ rowsRead: 1, blankLines: 1 });
  });

  test('a byte order mark is not part of the first header cell, nor makes a line unblank', async () => {
    await using lists = await makeListFolder();
    const { list } = await readList(await lists.write(`\ufeffuser_id,par\n1,${PAR}\n`));
    expect(list.header).toEqual(['user_id', 'par']);
    const { list: below, rows } = await readList(await lists.write(`\ufeff\n \nuser_id;par\n1;${PAR}\n`));
    expect(below.header).toEqual(['user_id', 'par']);
    expect(rows[0]?.line).toBe(4);
    expect(below.counts()).toMatchObject({ rowsRead: 1, blankLines: 2 });
  });

  test('blank lines and quoted new lines keep the lines right, with CR, LF and CR LF mixed', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(
      `\r\n \t\nmemo,user_id,par\r"a\r\nb\rc\nd",1,${PAR}\n\r\r\n  \nx,2,${PAR}\r\n"""\n",3,${PAR}\n,,\ny,4,${PAR}`,
    );
    const { list, rows } = await readList(path);
    expect(rows.map(({ line }) => line)).toEqual([4, 11, 12, 15]);
    expect(rows.map(({ content }) => content.kind)).toEqual(['record', 'record', 'record', 'record']);
    expect(list.counts()).toMatchObject({ rowsRead: 4, blankLines: 6 });
  });

  test('header only is a list of no rows', async () => {
    await using lists = await makeListFolder();
    for (const content of ['user_id,par', 'user_id,par\r\n', 'user_id,par\n\n \n']) {
      const { list, rows } = await readList(await lists.write(content));
      expect(rows).toEqual([]);
      expect(list.counts().rowsRead).toBe(0);
    }
  });
});

describe('sets', () => {
  test.each([
    [0, []],
    [3, [3]],
    [4, [4]],
    [9, [4, 4, 1]],
  ])('%i rows in sets of 4', async (count, sizes) => {
    await using lists = await makeListFolder();
    const path = await lists.write(`user_id,par\n${`1,${PAR}\n`.repeat(count)}`);
    const list = await openFile(path, { setSize: 4 });
    const seen: number[] = [];
    for await (const set of list.rows()) seen.push(set.length);
    expect(seen).toEqual(sizes);
    expect(list.counts().rowsRead).toBe(count);
  });

  test('wide rows make smaller sets, with no row lost', async () => {
    await using lists = await makeListFolder();
    const cells = `,${'x'.repeat(60_000)}`.repeat(15);
    const header = `user_id,par${',c'.repeat(15)}\n`;
    const list = await openFile(await lists.write(`${header}${`1,${PAR}${cells}\n`.repeat(30)}`));
    const seen: number[] = [];
    for await (const set of list.rows()) seen.push(set.length);
    expect(Math.max(...seen)).toBeLessThan(10);
    expect(seen.reduce((sum, rows) => sum + rows, 0)).toBe(30);
    expect(list.counts().rowsRead).toBe(30);
  });

  test('so do rows of many empty cells', async () => {
    await using lists = await makeListFolder();
    const header = `user_id,par${',c'.repeat(16_000)}\n`;
    const list = await openFile(
      await lists.write(`${header}${`1,${PAR}${','.repeat(16_000)}\n`.repeat(100)}`),
    );
    const seen: number[] = [];
    for await (const set of list.rows()) seen.push(set.length);
    expect(Math.max(...seen)).toBeLessThan(10);
    expect(list.counts().rowsRead).toBe(100);
  });

  test('many chunks, more than a row may have: numbers without gaps, in order', async () => {
    await using lists = await makeListFolder();
    const count = 40_000;
    const lines = Array.from({ length: count }, (_, i) => `${i + 1},${PAR},김민수\r\n`);
    const { list, rows } = await readList(await lists.write(`user_id,par,name\r\n${lines.join('')}`));
    expect(rows.length).toBe(count);
    expect(rows.every(({ rowNo, line }, i) => rowNo === i + 1 && line === i + 2)).toBe(true);
    expect(rows.every(({ content, rowNo }) => 'userId' in content && content.userId === String(rowNo))).toBe(
      true,
    );
    expect(list.counts()).toMatchObject({ rowsRead: count, blankLines: 0 });
  });

  test('reading can be broken off, aborted, and begun again', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`user_id,par\n${`1,${PAR}\n`.repeat(20_000)}`);
    const list = await openFile(path);
    for await (const set of list.rows()) {
      expect(set.length).toBe(1_000);
      expect(openHandles(path)).toBe(existsSync('/proc/self/fd') ? 1 : 0);
      break;
    }
    expect(openHandles(path)).toBe(0);
    expect(() => list.counts()).toThrow(expect.objectContaining({ code: 'LIST_NOT_READ' }));
    const stop = new AbortController();
    let handedOut = 0;
    const aborted = (async () => {
      for await (const set of list.rows(stop.signal)) {
        handedOut += set.length;
        stop.abort();
      }
    })();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(handedOut).toBe(1_000);
    expect(openHandles(path)).toBe(0);
    expect((await collectRows(list)).length).toBe(20_000);
  });
});

describe('fingerprint', () => {
  test('of all bytes, the blank lines above the header too, and the same both ways', async () => {
    await using lists = await makeListFolder();
    const content = `\ufeff\n\nuser_id,par\n1,${PAR}\n\n`;
    const path = await lists.write(content);
    const { list } = await readList(path);
    const expected = createHash('sha256').update(content).digest('hex');
    expect(list.sha256()).toBe(expected);
    expect(await sha256OfFile(path)).toBe(expected);
  });

  test('of a list not yet read is our own mistake', async () => {
    await using lists = await makeListFolder();
    const list = await openFile(await lists.write('user_id,par\n'));
    expect(() => list.sha256()).toThrow(expect.objectContaining({ code: 'LIST_NOT_READ' }));
  });

  test('tells a file that changed between two readings', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`user_id,par\n1,${PAR}\n`);
    const before = await sha256OfFile(path);
    const list = await openFile(path);
    await lists.write(`user_id,par\n2,${PAR}\n`);
    await collectRows(list);
    expect(list.sha256()).not.toBe(before);
    await lists.write(`par,user_id\n${PAR},2\n`);
    await expect(collectRows(list)).rejects.toMatchObject({ code: 'LIST_REFUSED', reason: 'changed' });
    await lists.write('');
    await expect(collectRows(list)).rejects.toMatchObject({ code: 'LIST_REFUSED', reason: 'changed' });
  });
});

describe('no such list', () => {
  test.each([
    ['no file', 'missing.csv', /no file/],
    ['a folder', 'folder.csv', /folder/],
    ['below a file', 'file.csv/list.csv', /no file/],
    ['a name too long', `${'x'.repeat(300)}.csv`, /no file/],
  ])('%s', async (_, name, sentence) => {
    await using lists = await makeListFolder();
    await mkdir(join(lists.folder, 'folder.csv'));
    await lists.write('', 'file.csv');
    const path = join(lists.folder, name);
    await expect(openFile(path)).rejects.toThrow(ListNotFoundError);
    await expect(openFile(path)).rejects.toThrow(sentence);
    await expect(sha256OfFile(path)).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' });
  });

  test('a file taken away before its rows are read', async () => {
    const lists = await makeListFolder();
    const list = await openFile(await lists.write('user_id,par\n'));
    await lists[Symbol.asyncDispose]();
    await expect(collectRows(list)).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' });
  });
});

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
