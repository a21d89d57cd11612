import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardFormula, unguardFormula } from '../../src/domain/formula-guard.ts';
import { formatHeader, formatRecords } from '../../src/report/csv/csv-text.ts';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ';', '\t', "'", '=', '@', ' ', 'a', '가') }),
);
const withoutNul = cell.map((text) => text.replaceAll('\0', ''));

describe('records of text', () => {
  test('are read back as they were', () => {
    const someRecords = fc.array(fc.tuple(withoutNul, withoutNul, withoutNul), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(someRecords, (records) => {
        const text = formatRecords(records)
          .map((record) => `${record}\r\n`)
          .join('');
        const read: string[][] = parse(text, { record_delimiter: '\r\n' });
        expect(read.map((cells) => cells.map(unguardFormula))).toEqual(records);
        for (const guarded of read.flat()) expect(guarded).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
    );
  });

  test('are what csv-stringify makes of them, also where they are only joined', () => {
    fc.assert(
      fc.property(fc.array(withoutNul, { minLength: 1, maxLength: 4 }), (cells) => {
        const stringified = stringify([cells.map(guardFormula)], {
          record_delimiter: '\0',
          quote_record_delimiter: true,
        });
        expect(formatRecords([cells])).toEqual([stringified.slice(0, -1)]);
      }),
    );
  });

  test('with a NUL, which no ledger holds, are refused and not torn', () => {
    expect(() => formatRecords([['a\0b']])).toThrow(expect.objectContaining({ code: 'CSV_NUL' }));
    expect(formatRecords([['a', 'b']])).toEqual(['a,b']);
    expect(formatRecords([])).toEqual([]);
  });
});

test('a header quotes what may be taken for a delimiter', () => {
  expect(formatHeader(['a;b', '=c', 'd\te', 'f'])).toBe('"a;b",\'=c,"d\te",f\r\n');
});
