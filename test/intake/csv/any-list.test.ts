import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { CsvReader, type CsvRecord } from '../../../src/intake/csv/csv-reader.ts';
import { makeListFolder, readList, refusalOf } from '../list-folder.ts';
import { referenceRows } from './reference-lines.ts';
import { isUnseen } from '../unseen-text.ts';

const delimiter = fc.constantFrom(',', ';', '\t', '|');
const encodings = ['utf-8', 'utf-8 with its mark', 'utf-16le', 'utf-16be', 'cp949'] as const;
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const piece = fc.constantFrom(
  '"',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  ' ',
  "'",
  '=',
  'a',
  '가',
  '😀',
  '\ufeff',
  '1',
);
const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
  fc
    .array(piece, { maxLength: 5 })
    .map((pieces) => pieces.join(''))
    // A ruler under a header is no row.
    .filter((text) => !text.includes('===')),
);
/** A row as its three cells, or the blanks of a blank line; each with the line end behind it. */
const line = fc.tuple(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(cell, cell, cell) },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '  ') },
  ),
  lineEnd,
);

test('what csv-stringify writes in any encoding is read back: cells, lines, and the rows and blanks of another count', async () => {
  await using lists = await makeListFolder();
  const seen = new Set<string>();
  let rowsSeen = 0;
  let blanksSeen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      delimiter,
      lineEnd,
      fc.constantFrom(...encodings),
      async (lines, by, end, wanted) => {
        const write = (row: readonly string[], record_delimiter: string): string =>
          stringify([row], { delimiter: by, record_delimiter, quoted_match: /[\r\n\ufeff]|^\s*$/ });
        const body = lines.map(([row, rowEnd]) =>
          typeof row === 'string' ? row + rowEnd : write(row, rowEnd),
        );
        // A member below them all: words without ids at a list's end would be no rows.
        const member = ['', '1', 'A'.repeat(27)];
        const content = write(['메모', '회원번호', 'par'], end) + body.join('') + write(member, end);
        const encoding = canHold(wanted, content) ? wanted : 'utf-8';
        const { list, rows } = await readList(await lists.write(encode(content, encoding)));
        seen.add(encoding);
        expect(list.encoding).toBe(encoding.slice(0, list.encoding.length));

        const lineRows = referenceRows(content).slice(1);
        const blank = lineRows.filter(({ text }) => isBlankLine(text, by));
        const written = [...lines.flatMap(([row]) => (typeof row === 'string' ? [] : [row])), member];
        expect(list.delimiter).toBe(by);
        expect(rows.map((row) => row.cells)).toEqual(written.filter((row) => !isBlankRow(row)));
        expect(rows.map((row) => row.line)).toEqual(
          lineRows.filter((row) => !blank.includes(row)).map((row) => row.line),
        );
        expect(list.counts()).toMatchObject({ rowsRead: rows.length, blankLines: blank.length });
        rowsSeen += rows.length;
        blanksSeen += blank.length;
      },
    ),
    { numRuns: 300 },
  );
  expect([...seen].toSorted()).toEqual(encodings.toSorted());
  expect(rowsSeen).toBeGreaterThan(100);
  expect(blanksSeen).toBeGreaterThan(10);
});

test('any bytes are read or refused, with every row counted', async () => {
  await using lists = await makeListFolder();
  const token = fc.oneof(
    piece.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  );
  const start = fc.constantFrom(
    '',
    '\ufeff',
    'user_id,par\n',
    '\n\nuser_id;par;memo\r\n',
    '"user_id"\tpar\r',
    'a,b\n',
  );
  const outcomes = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(start, fc.array(token, { maxLength: 20 }), async (head, tokens) => {
      const path = await lists.write(Buffer.concat([Buffer.from(head), ...tokens]));
      const refusal = await refusalOf(path);
      if (refusal !== null) {
        outcomes.refused += 1;
        return /^list\.csv[^\n]*\.$/.test(refusal.message);
      }
      outcomes.read += 1;
      const { list, rows } = await readList(path);
      return list.counts().rowsRead === rows.length;
    }),
    { numRuns: 300 },
  );
  expect(outcomes.read).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(20);
});

test('where chunks end makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (pieces, size) => {
        const bytes = Buffer.from(`user_id,par\r\n${pieces.join('')}`);
        expect(await readInChunks(bytes, size)).toEqual(await readInChunks(bytes, bytes.length));
      },
    ),
    { numRuns: 300 },
  );
});

test('the reference tells CR LF from LF: a count of LF alone would not pass', () => {
  expect(referenceRows('a\rb\r\n"c\r\n"\n\nd').map((row) => row.line)).toEqual([1, 2, 3, 5, 6]);
});

/** Unicode's form of a text has all of it; CP949 has no mark either, and no characters of its own for us. */
function canHold(encoding: (typeof encodings)[number], text: string): boolean {
  return encoding !== 'cp949' || iconv.decode(iconv.encode(text, 'cp949'), 'cp949') === text;
}

function encode(text: string, encoding: (typeof encodings)[number]): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'utf-8 with its mark':
      return Buffer.from(`\ufeff${text}`);
    case 'utf-16le':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf-16be':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'cp949':
      return iconv.encode(text, 'cp949');
  }
}

/** A row of nothing but blanks is a blank line, unless a quoted cell of it goes on over several. */
function isBlankRow(row: readonly string[]): boolean {
  return row.every((text) => isUnseen(text) && !/[\r\n]/.test(text));
}

function isBlankLine(text: string, by: string): boolean {
  const cellOfBlanks = new RegExp(`(?<=^|\\${by})"([^\\S\\r\\n]*)"(?=\\${by}|$)`, 'g');
  const unquoted = text.replaceAll(cellOfBlanks, '$1').replaceAll(by, '');
  return isUnseen(unquoted) && !/[\r\n]/.test(text);
}

/** Everything a reading gives; records before a fault are left out, they depend on the chunk it was met in. */
async function readInChunks(bytes: Buffer, size: number): Promise<unknown> {
  const reader = new CsvReader(',', 1);
  const records: CsvRecord[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    const fault = await reader.write(bytes.subarray(from, from + size));
    if (fault !== null) return fault;
    records.push(...reader.take());
  }
  const fault = await reader.end();
  if (fault !== null) return fault;
  records.push(...reader.take());
  return { records, count: reader.recordCount, blankLines: reader.blankLines };
}
