import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findListFiles } from '../../src/config/list-files.ts';
import { createWorkplace } from './workplace.ts';

async function setup(...names: readonly string[]) {
  const { cwd, write } = await createWorkplace();
  await Promise.all(names.map((name) => write(name, '')));
  const find = async (pattern: string) => {
    const result = await findListFiles(pattern, cwd, 'list.csv');
    return result.kind === 'valid' ? result.value.map((file) => path.relative(cwd, file)) : result.problems;
  };
  return { cwd, find };
}

test('a glob is its files in order of code points', async () => {
  const { find } = await setup(
    'in/b.csv',
    'in/B.csv',
    'in/가.csv',
    'in/10.csv',
    'in/9.csv',
    'in/\u{1F600}.csv',
    'in/\uFF21.csv',
  );
  expect(await find('in/*.csv')).toEqual(
    ['10', '9', 'B', 'b', '가', '\uFF21', '\u{1F600}'].map((name) => `in/${name}.csv`),
  );
});

test('folders, hidden files, lock files and other endings are no lists', async () => {
  const { cwd, find } = await setup('in/a.csv', 'in/.b.csv', 'in/~$c.csv', 'in/d.csv.part');
  await mkdir(path.join(cwd, 'in/folder.csv'));
  expect(await find('in/*.csv')).toEqual(['in/a.csv']);
});

test('a glob that matches nothing is refused with the pattern', async () => {
  const { find } = await setup('in/.b.csv');
  expect(await find('in/*.csv')).toEqual(['list.csv: no file matches in/*.csv']);
});

test('a plain path is handed on, there or not', async () => {
  const { find } = await setup();
  expect(await find('nowhere/a.csv')).toEqual(['nowhere/a.csv']);
});

test('a file whose name looks like a glob is that file', async () => {
  const { find } = await setup('a[1].csv', 'a1.csv');
  expect(await find('a[1].csv')).toEqual(['a[1].csv']);
});

test('an absolute glob, and one over folders', async () => {
  const { cwd, find } = await setup('in/x/a.csv', 'in/y/b.csv');
  expect(await find(`${cwd}/in/*/*.csv`)).toEqual(['in/x/a.csv', 'in/y/b.csv']);
  expect(await find('in/**/*.csv')).toEqual(['in/x/a.csv', 'in/y/b.csv']);
});

test('a name whose Hangul is in parts, as macOS writes it, is the same name', async () => {
  const nfd = '회원'.normalize('NFD');
  const { find } = await setup(`in/${nfd} 1.csv`, `in/${nfd} 2.csv`, 'in/회원 3.csv');
  expect(await find('in/회원*.csv')).toEqual([`in/${nfd} 1.csv`, `in/${nfd} 2.csv`, 'in/회원 3.csv']);
  expect(await find('in/회원 1.csv')).toEqual([`in/${nfd} 1.csv`]);
});
