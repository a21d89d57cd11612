import { describe, expect, test } from 'vitest';
import type { RowContent } from '../../src/domain/list-row.ts';
import { wordsOfRejection } from '../../src/domain/rejection/rejection-words.ts';
import { makeListFolder, readList, refusalOf } from './list-folder.ts';
import { makeWorkbook, textRow } from './xlsx/workbook-maker.ts';

function par(number: number): string {
  return `Q1MEMBER${String(number).padStart(19, '0')}`;
}

function member(number: number): string {
  return `${10_000_000_000 + number},${par(number)}`;
}

const TWO = `user_id,par\n${member(1)}\n${member(2)}\n`;

async function readText(content: string | Uint8Array, name = 'list.csv') {
  await using lists = await makeListFolder();
  const { list, rows } = await readList(await lists.write(content, name));
  return { rows, counts: list.counts(), kinds: rows.map((row) => row.content.kind) };
}

async function refuse(text: string) {
  await using lists = await makeListFolder();
  return await refusalOf(await lists.write(text));
}

function wordsOf(content: RowContent | undefined): string {
  return content?.kind === 'rejected' ? wordsOfRejection(content.rejection).en : '';
}

const BOTH = ['record', 'record'];

describe('what database clients draw around a table', () => {
  test.each([
    ['mysql', '+-----+-----+', '2 rows in set (0.01 sec)'],
    ['psql', '+=====+=====+', '(2 rows)'],
    ['a plain line', '-------------', '(2 rows)'],
  ])('a ruler above, below and under the header is no row: %s', async (_, ruler, count) => {
    const rows = [1, 2].map((n) => `| ${member(n).replace(',', ' | ')} |`);
    const lines = [ruler, '| user_id | par |', ruler, ...rows, ruler, count];
    const { kinds, counts } = await readText(`${lines.join('\n')}\n`);
    expect(kinds).toEqual(BOTH);
    expect(counts).toMatchObject({ rowsRead: 2, noteLines: 2, totalsLines: 1, titleLines: 1 });
  });
});

describe('Control-Z, with which old systems end a file', () => {
  test.each([
    ['on a line of its own', `${TWO}\x1a`],
    ['several, as disk blocks are filled up', `${TWO}${'\x1a'.repeat(100)}`],
    ['with a line end', `${TWO}\x1a\r\n`],
    ['right behind the last id', `${TWO.trimEnd()}\x1a`],
  ])('is no row and no part of an id: %s', async (_, text) => {
    const { kinds, counts } = await readText(text);
    expect(kinds).toEqual(BOTH);
    expect(counts).toMatchObject({ rowsRead: 2, openEnd: null });
  });

  test('within a list it is a character like others', async () => {
    const { kinds } = await readText(TWO.replace(par(1), `${par(1)}\x1a`));
    expect(kinds).toEqual(['rejected', 'record']);
  });
});

describe('characters that nobody sees', () => {
  test.each([
    ['a variation selector', '\ufe0f'],
    ['a Hangul filler', '\u3164'],
    ['a half-width one', '\uffa0'],
    ['a Mongolian vowel separator', '\u180e'],
    ['an Arabic letter mark', '\u061c'],
    ['a combining grapheme joiner', '\u034f'],
    ['a tag', '\u{e0020}'],
    ['a word joiner', '\u2060'],
  ])('are taken out of an id and counted: %s', async (_, sign) => {
    const text = `user_id,par\n${sign}10000000001,${par(1).slice(0, 5)}${sign}${par(1).slice(5)}\n`;
    const { rows, counts } = await readText(text);
    expect(rows[0]?.content).toEqual({ kind: 'record', userId: '10000000001', par: par(1) });
    expect(counts.normalised.zero_width).toBe(2);
  });

  test('a line of them is blank, in a text file and in a workbook', async () => {
    expect((await readText(`${TWO}\u200b,\u3000\n`)).counts).toMatchObject({ rowsRead: 2, blankLines: 1 });
    const rows = ['user_id,par', member(1), '\u200b,\u3164', member(2)].map((line, index) =>
      textRow(index + 1, ...line.split(',')),
    );
    expect((await readText(makeWorkbook({ rows: rows.join('') }), 'list.xlsx')).kinds).toEqual(BOTH);
  });

  test('a control character is not taken out; the message names it', async () => {
    const { rows } = await readText(`user_id,par\n1\x07,${par(1)}\n`);
    expect(wordsOf(rows[0]?.content)).toContain('something other than digits (U+0007)');
  });
});

describe('a number of rows below the list must agree', () => {
  test.each([
    '2건',
    '2 rows',
    '전체 2건',
    '조회건수: 2',
    '조회건수,2',
    'Records: 2',
    'Total number of rows: 2',
    'TRAILER,2',
    'EOF,2',
  ])('%s', async (line) => {
    const { kinds, counts } = await readText(`${TWO}${line}\n`);
    expect(kinds).toEqual(BOTH);
    expect(counts).toMatchObject({ totalsLines: 1, totals: { rows: 2 } });
    expect(await refuse(`${TWO}${line.replace('2', '3')}\n`)).toMatchObject({ reason: 'totals', line: 4 });
  });

  test.each(['TRAILER,20261130', 'TRAILER,20261130,7', 'EOF,20261130', 'TRAILER,7,8'])(
    '%s says nothing of the rows',
    async (line) => {
      const { rows, counts } = await readText(`${TWO}${line}\n`);
      expect(rows.filter(({ content }) => content.kind === 'record')).toHaveLength(2);
      expect(counts.totalsLines).toBe(0);
    },
  );

  test.each(['EOF', '전체', 'Records'])('%s without a number is a note', async (line) => {
    const { kinds, counts } = await readText(`${TWO}${line}\n`);
    expect(kinds).toEqual(BOTH);
    expect(counts).toMatchObject({ totalsLines: 0, noteLines: 1 });
  });
});

describe('errors of a spreadsheet', () => {
  test('in a text file are named as what they are', async () => {
    const { rows } = await readText(`user_id,par\n#N/A,${par(1)}\n10000000002,#REF!\n`);
    const reasons = rows.map(({ content }) => content.kind === 'rejected' && content.rejection.reason);
    expect(reasons).toEqual(['user_id_error', 'par_error']);
    expect(wordsOf(rows[0]?.content)).toContain('holds the error #N/A');
  });

  test('alone in the last line are a row and no note', async () => {
    const { kinds } = await readText(`${TWO}#N/A,\n`);
    expect(kinds).toEqual([...BOTH, 'rejected']);
  });
});

test.each([
  ['[{"user_id":1,"par":"x"}]', 'JSON'],
  ['{"user_id":1,"par":"x"}\n{"user_id":2,"par":"y"}\n', 'JSON'],
  ['SET names = utf8;\nCREATE TABLE members (user_id numeric);\n', 'an SQL script'],
  ['COPY members (user_id, par) FROM stdin;\n1\tx\n', 'an SQL script'],
  ["-- dump\n\nINSERT INTO members (user_id, par) VALUES (1, 'x');\n", 'an SQL script'],
])('named .csv it is said to be what it is: %j', async (text, kind) => {
  const refusal = await refuse(text);
  expect(refusal).toMatchObject({ reason: 'binary' });
  expect(refusal?.message).toContain(`it is no list but ${kind}; export the list as "CSV UTF-8"`);
});

test.each(['Copy list (2026)', 'Insert into the system', 'set no=1', '- create table -'])(
  'a title that begins like SQL is a title: %s',
  async (title) => {
    expect((await readText(`${title}\n${TWO}`)).kinds).toEqual(BOTH);
  },
);

test.each(['-- ', '/**/', 'set a=;', '/* */ ', 'insert into '])(
  'a first line that repeats %j is read at once',
  async (part) => {
    expect((await readText(`${part.repeat(300)}\n${TWO}`)).kinds).toEqual(BOTH);
  },
);

test('a number with a unit in another column is no count of rows', async () => {
  const { kinds } = await readText(`user_id,par,memo\n${member(1)},a\n,,3건\n${member(2)},b\n`);
  expect(kinds).toEqual(['record', 'rejected', 'record']);
});

test('lines that stand in quotes as a whole are named, not a missing delimiter', async () => {
  const refusal = await refuse(`${TWO.trimEnd().replaceAll(/^.*$/gm, '"$&"')}\n`);
  expect(refusal).toMatchObject({ reason: 'column_missing', line: 1 });
  expect(refusal?.message).toMatch(/each line stands in quotes as a whole.*take out the quotes around whole/);
  expect(refusal?.message).not.toContain('sep=');
});
