import { describe, expect, test } from 'vitest';
import { makeListFolder, openFile, PAR, refusalOf } from '../list-folder.ts';

const head = 'user_id,par,memo\r\n';
const good = `1,${PAR},x\r\n`;
const KIB = 1024;

interface Case {
  readonly title: string;
  readonly content: string | Uint8Array;
  readonly reason: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly says: RegExp;
}

const quotes: Case[] = [
  {
    title: 'a quote never closed, the row after a quoted new line',
    content: `${head}"1\n",${PAR},x\r\n2,"${PAR},y\r\n3,${PAR},z\r\n`,
    reason: 'quote_not_closed',
    line: 4,
    column: 2,
    says: /never closed/,
  },
  {
    title: 'a quote never closed in the third cell, below one with new lines',
    content: `${head}${good}"4\r\n\r5",${PAR},"open\r\nmore`,
    reason: 'quote_not_closed',
    line: 5,
    column: 3,
    says: /close the quote/,
  },
  {
    title: 'a quote never closed in the header',
    content: `\n\n"user_id,par\n1,${PAR}\n`,
    reason: 'quote_not_closed',
    line: 3,
    column: 1,
    says: /never closed/,
  },
  {
    title: 'text after a closing quote: one that was left open swallowed a row',
    content: `${head}1,${PAR},"Kim\r\n2,${PAR},"Lee"\r\n`,
    reason: 'quote_misplaced',
    line: 2,
    column: 3,
    says: /quote in a place where none is allowed/,
  },
  {
    title: 'a blank before an opening quote',
    content: `${head}1, "${PAR}",x\r\n`,
    reason: 'quote_misplaced',
    line: 2,
    column: 2,
    says: /quote/,
  },
];

const sizes: Case[] = [
  {
    title: 'a cell a byte over 64 KiB',
    content: `${head}"1\n",${PAR},"a\n${'x'.repeat(64 * KIB - 1)}"\r\n`,
    reason: 'field_too_large',
    line: 3,
    column: 3,
    says: /larger than 64 KiB/,
  },
  {
    title: 'a cell over 64 KiB in bytes though not in characters',
    content: `${head}1,${PAR},${'가'.repeat(30_000)}\r\n`,
    reason: 'field_too_large',
    line: 2,
    column: 3,
    says: /64 KiB/,
  },
  {
    title: 'a quote that swallows the rest of a large file',
    content: `${head}${good}1,"${PAR},x\r\n${good.repeat(50_000)}`,
    reason: 'row_too_large',
    line: 3,
    column: 2,
    says: /because a quote was not closed/,
  },
  {
    title: 'a header without end',
    content: `user_id,${'x'.repeat(2_000 * KIB)}`,
    reason: 'row_too_large',
    line: 1,
    column: 2,
    says: /the row that starts here is larger than 1024 KiB/,
  },
  {
    title: 'a line of nothing but delimiters',
    content: `${head}${good}\n${','.repeat(3_000 * KIB)}\n`,
    reason: 'row_too_large',
    line: 4,
    column: null,
    says: /shorten the row/,
  },
];

const bytes: Case[] = [
  {
    title: 'neither UTF-8 nor CP949',
    content: Buffer.concat([
      Buffer.from(`${head}${good}1,${PAR},`),
      Buffer.from([0xb1, 0xe8, 0xc9, 0xa1, 0x0a]),
    ]),
    reason: 'encoding',
    line: 3,
    column: 3,
    says: /0xC9 at byte offset 83 \(character 32 of the line\) is not CP949, nor is the file UTF-8 from line 3 on; .*--encoding/,
  },
  {
    title: 'a C1 control where CP949 has none',
    content: Buffer.concat([Buffer.from(`${head}1,`), Buffer.from([0x80, 0x2c, 0xb1, 0xe8])]),
    reason: 'encoding',
    line: 2,
    column: 2,
    says: /0x80 at byte offset 20 /,
  },
  {
    title: 'UTF-8 with one byte that is none',
    content: Buffer.concat([Buffer.from(`${head}1,${PAR},김민수`), Buffer.from([0xff, 0x0a])]),
    reason: 'encoding',
    line: 2,
    column: 3,
    says: /0xFF at byte offset 57 \(character 34 of the line\) is not UTF-8/,
  },
  {
    title: 'UTF-16 LE with half a pair',
    content: Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('user_id,par\r\n12,', 'utf16le'),
      Buffer.from([0x3d, 0xd8, 0x31, 0]),
    ]),
    reason: 'encoding',
    line: 2,
    column: 2,
    says: /0x3D at byte offset 34 .*is not UTF-16 LE/,
  },
  {
    title: 'UTF-16 cut in the middle of a character',
    content: Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('user_id,par\n', 'utf16le'),
      Buffer.from([0x31]),
    ]),
    reason: 'encoding',
    line: 2,
    column: 1,
    says: /0x31 at byte offset 26 /,
  },
  {
    title: 'a NUL late in the file',
    content: `${head}${good.repeat(5_000)}1,${PAR},\0\n`,
    reason: 'binary',
    line: 5_002,
    column: 3,
    says: /NUL at byte offset/,
  },
  ...(
    [
      ['UTF-32', [0xff, 0xfe, 0, 0, 0x75], /UTF-32/],
      ['a PDF', [...Buffer.from('%PDF-1.7')], /PDF/],
      ['gzip', [0x1f, 0x8b, 8, 0], /gzip/],
    ] as const
  ).map(([title, content, says]) => ({
    title,
    content: Uint8Array.from(content),
    reason: 'binary',
    line: null,
    column: null,
    says,
  })),
  {
    title: 'UTF-16 without its mark',
    content: Buffer.from('user_id,par\n', 'utf16le'),
    reason: 'binary',
    line: 1,
    column: 1,
    says: /NUL at byte offset 1 \(character 2 of the line\), .*UTF-16.*--encoding utf-16le/,
  },
];

const contents: Case[] = [
  ...['', '\n', '\r\n \t\r\n', '\ufeff', '\ufeff\n\n'].map((content) => ({
    title: `nothing but blanks: ${JSON.stringify(content)}`,
    content,
    reason: 'empty',
    line: null,
    column: null,
    says: /is empty/,
  })),
  {
    title: 'no such column',
    content: '\nname,par\n',
    reason: 'column_missing',
    line: 2,
    column: null,
    says: /no column has a known name for the user id; headers seen: "name", "par"; name that column user_id/,
  },
  {
    title: 'two columns for one field',
    content: 'user_id,par,회원번호\n',
    reason: 'column_twice',
    line: 1,
    column: 3,
    says: /2 columns may be the user id: "user_id", "회원번호"/,
  },
];

describe.each([
  ['quotes', quotes],
  ['sizes', sizes],
  ['bytes', bytes],
  ['contents', contents],
])('refused for its %s', (_, cases) => {
  test.each(cases)('$title', async ({ content, reason, line, column, says }) => {
    await using lists = await makeListFolder();
    const refusal = await refusalOf(await lists.write(content));
    expect(refusal).toMatchObject({ code: 'LIST_REFUSED', file: 'list.csv', reason, line, column });
    const place = [
      'list.csv',
      ...(line === null ? [] : [`line ${line}`]),
      ...(column === null ? [] : [`column ${column}`]),
    ];
    expect(refusal?.message.startsWith(`${place.join(', ')}: `)).toBe(true);
    expect(refusal?.message).toMatch(says);
    expect(refusal?.message).toMatch(/^[^\n]*; [^\n]+\.$/);
    expect(refusal?.message).toContain(refusal?.advice);
    expect(refusal?.parts.where?.en ?? '').toBe(place.slice(1).join(', '));
    expect(refusal?.message).toContain(refusal?.parts.what.en);
    // Who has no terminal is told only what can be done in the list.
    expect(`${refusal?.parts.toDo.en} ${refusal?.parts.toDo.ko}`).not.toMatch(/--[a-z]|list\.[a-z]/);
    expect(String(refusal?.stack)).not.toContain(PAR);
    expect(refusal?.cause).toBeUndefined();
  });
});

describe('not refused', () => {
  test.each([
    ['a cell of exactly 64 KiB', `${head}1,${PAR},${'x'.repeat(64 * KIB)}\r\n`],
    ['quotes inside a cell without quotes', `${head}1,${PAR},5" screen, 3"\r\n`],
    ['a doubled quote', `${head}1,${PAR},"5"" screen"\r\n`],
    ['characters of two to four bytes', `${head}1,${PAR},é김😀\r\n`],
    ['a row with fewer and one with more cells', `${head}1,${PAR}\r\n1,${PAR},x,y\r\n`],
    [
      'a long list of Korean text, cut anywhere by chunks',
      `${head}${`1,${PAR},김민수😀é\r\n`.repeat(9_000)}`,
    ],
  ])('%s', async (_, content) => {
    await using lists = await makeListFolder();
    expect(await refusalOf(await lists.write(content))).toBeNull();
  });

  test('a fault below the header is met while reading, not at opening', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`${head}${good.repeat(5_000)}"`);
    const list = await openFile(path);
    let handedOut = 0;
    const reading = (async () => {
      for await (const set of list.rows()) handedOut += set.length;
    })();
    await expect(reading).rejects.toMatchObject({ reason: 'quote_not_closed', line: 5_002 });
    expect(handedOut).toBeGreaterThan(0);
    expect(() => list.counts()).toThrow(expect.objectContaining({ code: 'LIST_NOT_READ' }));
  });
});
