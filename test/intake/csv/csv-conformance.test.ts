import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CsvError } from 'csv-parse';
import { parse as parseAll } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvReader } from '../../../src/intake/csv/csv-reader.ts';
import { BareQuotes } from '../../../src/intake/csv/bare-quotes.ts';

const spectrum = fileURLToPath(new URL('../../../node_modules/csv-spectrum/', import.meta.url));
/** The suite's expectation for this case has another number than its list. */
const misprint = ['1234567890', '2095257564'] as const;
const cases = readdirSync(`${spectrum}csvs`).map((name) => name.replace(/\.csv$/, ''));

async function parse(bytes: Buffer): Promise<(readonly string[])[]> {
  const quotes = new BareQuotes(',');
  const reader = new CsvReader(',', 1);
  const faults = [
    await reader.write(quotes.take(bytes)),
    await reader.write(quotes.finish()),
    await reader.end(),
  ];
  expect(faults).toEqual([null, null, null]);
  return reader.take().map(({ cells }) => cells);
}

test.each(cases)('csv-spectrum: %s', async (name) => {
  const [header = [], ...rows] = await parse(readFileSync(`${spectrum}csvs/${name}.csv`));
  const expected = [
    JSON.parse(readFileSync(`${spectrum}json/${name}.json`, 'utf8').replace(...misprint)) as unknown,
  ].flat();
  expect(rows.map((cells) => Object.fromEntries(header.map((key, index) => [key, cells[index]])))).toEqual(
    expected,
  );
});

test('there are as many cases as the suite has', () => {
  expect(cases.length).toBeGreaterThanOrEqual(12);
});

test.each([
  ['="0123",a\n', [['="0123"', 'a']]],
  [
    'a,="0123"\r\n="7",b',
    [
      ['a', '="0123"'],
      ['="7"', 'b'],
    ],
  ],
  ['\ufeff="0123",a', [['="0123"', 'a']]],
  ['"x,=""0123""",a', [['x,="0123"', 'a']]],
  ['"a\n=""1"",",b', [['a\n="1",', 'b']]],
  ['=""\n', [['=""']]],
  [
    '5" screen,a "b" c\n"x",1\'2"',
    [
      ['5" screen', 'a "b" c'],
      ['x', `1'2"`],
    ],
  ],
])('%j, as Excel is told to keep zeros, is a cell', async (text, cells) => {
  expect(await parse(Buffer.from(text))).toEqual(cells);
});

test('records are those of the parser as it comes, however chunks end', async () => {
  const delimiter = fc.constantFrom(',', '\t', '^', '§', '│');
  const lineEnd = fc.constantFrom('\r\n', '\n', '\r');
  const piece = fc.constantFrom('a', '1', '김', '\u0082', '"b"', '"c\r\nd"', '"e""\r"', '', 'D', 'D', 'D');
  const line = fc.tuple(fc.array(piece, { maxLength: 6 }), lineEnd);
  const list = fc.array(line, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(delimiter, list, fc.integer({ min: 1, max: 9 }), async (by, lines, size) => {
      const text = lines
        .map(([pieces, end]) => `x${by}${pieces.join('').replaceAll('D', by)}${end}`)
        .join('');
      const bytes = Buffer.from(text);
      expect(await readInChunks(bytes, by, size)).toEqual(readAsItComes(bytes, by));
    }),
    { numRuns: 1_000 },
  );
});

async function readInChunks(bytes: Buffer, by: string, size: number): Promise<unknown> {
  const reader = new CsvReader(by, 1);
  for (let from = 0; from < bytes.length; from += size) {
    if ((await reader.write(bytes.subarray(from, from + size))) !== null) return 'fault';
  }
  return (await reader.end()) === null ? reader.take().map(({ cells }) => cells) : 'fault';
}

function readAsItComes(bytes: Buffer, by: string): unknown {
  try {
    return parseAll(bytes, {
      delimiter: by,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
    });
  } catch (error) {
    if (error instanceof CsvError) return 'fault';
    throw error;
  }
}

test('every other byte stays, wherever chunks end', () => {
  const piece = fc.constantFrom('="', '"', '=', ',', '\n', '\r\n', 'a', '1', '=""', '"=""1"""');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (pieces, size) => {
      const bytes = Buffer.from(pieces.join(''));
      expect(rewrite(bytes, size)).toBe(rewrite(bytes, bytes.length + 1));
    }),
    { numRuns: 500 },
  );
  const sound = 'a,"=""1""",b\r\n"x""y",=1\n';
  expect(rewrite(Buffer.from(sound), 3)).toBe(sound);
});

function rewrite(bytes: Buffer, size: number): string {
  const quotes = new BareQuotes(',');
  const parts: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    parts.push(quotes.take(bytes.subarray(from, from + size)));
  }
  return Buffer.concat([...parts, quotes.finish()]).toString();
}
