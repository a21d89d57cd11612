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
    return result.kind === 'valid'
      ? result.value.files.map((file) => path.relative(cwd, file))
      : result.problems;
  };
  const findDoubts = async (pattern: string) => {
    const result = await findListFiles(pattern, cwd, 'list.csv');
    return result.kind === 'valid' ? result.value.doubts : result.problems;
  };
  return { cwd, find, findDoubts };
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

test('the ending matches in every letter case, and such a file is told', async () => {
  const { find, findDoubts } = await setup('in/a.csv', 'in/B.CSV', 'in/c.Csv');
  expect(await find('in/*.csv')).toEqual(['in/B.CSV', 'in/a.csv', 'in/c.Csv']);
  expect(await findDoubts('in/*.csv')).toEqual([
    'list.csv: in/B.CSV is read: its ending differs from in/*.csv only in letter case',
    'list.csv: in/c.Csv is read: its ending differs from in/*.csv only in letter case',
  ]);
  expect(await find('in/*.{csv,tsv}')).toEqual(['in/B.CSV', 'in/a.csv', 'in/c.Csv']);
  expect(await find('in/*.CSV')).toEqual(['in/B.CSV', 'in/a.csv', 'in/c.Csv']);
});

test('a file that differs in the letter case of its name, or only in its ending, is told and not read', async () => {
  const advice = 'if it should be read, rename it or widen the glob';
  const { find, findDoubts } = await setup(
    'in/members-1.csv',
    'in/MEMBERS-2.CSV',
    'in/members-3.xlsx',
    'in/members-4.TXT',
    'in/others.csv',
    'in/members-5.csv.part',
    'in/members-6.pdf',
    'in/~$members-3.xlsx',
    'in/.members-7.xlsx',
  );
  expect(await find('in/members-*.csv')).toEqual(['in/members-1.csv']);
  expect(await findDoubts('in/members-*.csv')).toEqual([
    `list.csv: in/MEMBERS-2.CSV is not read: it differs from in/members-*.csv only in letter case; ${advice}`,
    `list.csv: in/members-3.xlsx is not read: it differs from in/members-*.csv only in its ending; ${advice}`,
    `list.csv: in/members-4.TXT is not read: it differs from in/members-*.csv only in its ending; ${advice}`,
  ]);
});

test('a glob that matches everything there, classes, and plain paths raise no doubt', async () => {
  const { find, findDoubts } = await setup('in/a.csv', 'in/b1.csv', 'in/회원.csv', 'in/Ärzte 1.csv');
  for (const pattern of ['in/*', 'in/*.csv', 'in/[ab]*.csv', 'in/회원*.csv', 'in/Ärzte*.csv', 'in/a.csv']) {
    expect(await findDoubts(pattern)).toEqual([]);
  }
  expect(await find('in/[ab]*.csv')).toEqual(['in/a.csv', 'in/b1.csv']);
});

test('a glob that matches nothing names the files that somebody may have meant', async () => {
  const { find } = await setup('in/Members.xlsx', 'in/Members.csv');
  expect(await find('in/members*.csv')).toEqual([
    'list.csv: no file matches in/members*.csv',
    'list.csv: in/Members.csv is not read: it differs from in/members*.csv only in letter case; if it should be read, rename it or widen the glob',
  ]);
});

test('of many files beside a glob the first twenty are named', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `in/${index + 10}.xlsx`);
  const { findDoubts } = await setup('in/a.csv', ...names);
  const doubts = await findDoubts('in/*.csv');
  expect(doubts).toHaveLength(21);
  expect(doubts.at(-1)).toMatch(/^list\.csv: each of 3 more files is not read: /);
});
