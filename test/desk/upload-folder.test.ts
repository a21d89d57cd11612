import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { shownNameOf, storedNameOf } from '../../src/desk/uploads/upload-folder.ts';
import { uploadFolder } from '../../src/service/uploads/upload-place.ts';

test.each([
  ['명단 11월.csv', '명단 11월.csv', '명단 11월.csv'],
  ['../../etc/passwd', 'passwd', 'passwd'],
  ['C:\\Users\\kim\\list.xlsx', 'list.xlsx', 'list.xlsx'],
  ['..', '..', 'list'],
  ['.hidden.part', '.hidden.part', 'hidden.part'],
  ['a\u0000b\u202Egnp.csv', 'abgnp.csv', 'abgnp.csv'],
  ['<img src=x>.csv', '<img src=x>.csv', '_img src_x_.csv'],
  ['', 'list', 'list'],
])('%j is shown as %j and lies here as %j', (given, shown, stored) => {
  expect(shownNameOf(given)).toBe(shown);
  expect(storedNameOf(shownNameOf(given))).toBe(stored);
});

test('a name that is too long for a file system keeps its ending', () => {
  const stored = storedNameOf(shownNameOf(`${'가'.repeat(250)}.xlsx`));
  expect(stored.endsWith('가.xlsx')).toBe(true);
  expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(200);
});

test('whatever a file is called, it lies in the folder of its upload', () => {
  const folder = uploadFolder('/r', '1');
  for (const given of ['a/../../b', '....//', '..\\..\\x', '/', '.']) {
    const stored = storedNameOf(shownNameOf(given));
    expect(join(folder, stored)).toBe(`${folder}/${basename(stored)}`);
    expect(stored).not.toMatch(/^\./);
  }
});
