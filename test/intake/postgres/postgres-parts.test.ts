import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { explainSourceFailure } from '../../../src/intake/postgres/postgres-refusal.ts';
import { encodeRows } from '../../../src/intake/postgres/postgres-row-bytes.ts';
import { quoteTableName, selectOfTable } from '../../../src/intake/postgres/postgres-statement.ts';

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('', '\0', '\0\0\0\u0001', '가', '😀', 'a'),
);
const rows = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 4 });

/** What encodeRows gives, read back by its description. */
function decodeRows(bytes: Buffer): string[][] {
  const decoded: string[][] = [];
  let at = 0;
  const readCount = (): number => {
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  while (at < bytes.length) {
    const cells: string[] = [];
    for (let left = readCount(); left > 0; left -= 1) {
      const length = readCount();
      cells.push(bytes.toString('utf8', at, at + length));
      at += length;
    }
    decoded.push(cells);
  }
  return decoded;
}

describe('the bytes of rows', () => {
  test('can be read back, so that no other rows have them', () => {
    fc.assert(
      fc.property(rows, (given) => {
        expect(decodeRows(encodeRows(given))).toEqual(given);
      }),
    );
  });

  test('are the same however the rows come in pages', () => {
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const together = encodeRows([...first, ...second]);
        expect(Buffer.concat([encodeRows(first), encodeRows(second)]).equals(together)).toBe(true);
      }),
    );
  });

  test.each([
    ['a cell that ends earlier', [['1', '23']], [['12', '3']]],
    ['a cell more', [['1']], [['1', '']]],
    ['a row more', [['1']], [['1'], []]],
    ['one row in place of two', [['1'], ['2']], [['1', '2']]],
    ['digits after the point', [['1.50']], [['1.5']]],
  ])('differ for %s', (_, one, other) => {
    expect(encodeRows(one).equals(encodeRows(other))).toBe(false);
  });
});

describe('the name of a table', () => {
  test.each([
    ['members', '"members"'],
    ['legacy.members', '"legacy"."members"'],
    ['Legacy.Members', '"Legacy"."Members"'],
    ['회원', '"회원"'],
    ['legacy members', '"legacy members"'],
    ['members; drop table x', '"members; drop table x"'],
    ['"odd.name"', '"odd.name"'],
    ['legacy."say ""hi"""', '"legacy"."say ""hi"""'],
    ['"a"."b"', '"a"."b"'],
  ])('%s is quoted part by part', (name, quoted) => {
    expect(quoteTableName(name)).toBe(quoted);
  });

  test.each([
    '',
    '.',
    'a.',
    '.a',
    'a.b.c',
    'a"b',
    '"a',
    '"a"b',
    '""',
    '"a" where "b"',
    'a\0',
    '"a\0"',
    '"a"";drop"x',
  ])('%j is none', (name) => {
    expect(quoteTableName(name)).toBeNull();
  });

  test('whatever it is, it stays a name: quoted parts with a point between them', () => {
    const text = fc.array(fc.constantFrom('"', '.', 'a', ' ', ';', '-', "'", '\0', '\n'), { maxLength: 8 });
    fc.assert(
      fc.property(text, (characters) => {
        const quoted = quoteTableName(characters.join('')) ?? '"none"';
        expect(quoted.replace(/"(?:[^"\0]|"")+"/g, 'n')).toMatch(/^n(?:\.n)?$/);
      }),
    );
  });
});

describe('the statement for a table', () => {
  test('selects its key first and is ordered by it', () => {
    const selection = { table: '"t"', key: ['b', 'a "x"'], userId: 'user_id', par: 'par' };
    expect(selectOfTable(selection)).toBe(
      'select "b", "a ""x""", "user_id", "par" from "t" order by "b", "a ""x"""',
    );
  });

  test('selects a column once that is key and user id', () => {
    const selection = { table: '"t"', key: ['user_id'], userId: 'user_id', par: 'par' };
    expect(selectOfTable(selection)).toBe('select "user_id", "par" from "t" order by "user_id"');
  });

  test('is ordered by the bytes of user id and PAR where there is no key', () => {
    const selection = { table: '"t"', key: [], userId: 'user_id', par: 'par' };
    expect(selectOfTable(selection)).toBe(
      'select "user_id", "par" from "t" order by "user_id"::text collate "C", "par"::text collate "C"',
    );
  });
});

describe('what a server error means', () => {
  function explain(sqlState: string, message = 'words', step: 'connect' | 'declare' | 'read' = 'read') {
    const error = Object.assign(new pg.DatabaseError(message, 0, 'error'), { code: sqlState });
    return explainSourceFailure(error, {
      place: 'db.example/crm',
      urlFrom: 'SOURCE_URL in .env',
      subject: 'query',
      step,
    });
  }

  test.each([
    '08006',
    '08P01',
    '25P03',
    '25P04',
    '28000',
    '28P01',
    '3D000',
    '40001',
    '40P01',
    '53100',
    '53300',
    '55P03',
    '57014',
    '57P01',
    '57P03',
    '58030',
    '72000',
    'F0000',
    'HV00N',
    'XX000',
  ])('%s: the database is not available', (sqlState) => {
    const failure = explain(sqlState);
    expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', cause: undefined });
    expect(failure.message).toContain(
      `the source database db.example/crm is not available: words (SQLSTATE ${sqlState}); `,
    );
  });

  test.each([
    '0A000',
    '21000',
    '22003',
    '22P02',
    '25006',
    '3F000',
    '42501',
    '42601',
    '42P01',
    '42P02',
    '54001',
    '55000',
    'HV000',
    'P0001',
  ])('%s: the statement is at fault', (sqlState) => {
    const failure = explain(sqlState);
    expect(failure).toMatchObject({ code: 'SOURCE_QUERY', cause: undefined });
    expect(failure.message).toContain(
      `the source database db.example/crm refuses the query: words (SQLSTATE ${sqlState}); `,
    );
  });

  test('a protocol violation is a pooler’s trouble, but for a statement put to it: parameters', () => {
    expect(explain('08P01', 'words', 'connect').code).toBe('SOURCE_UNAVAILABLE');
    expect(explain('08P01', 'words', 'declare').message).toContain('the query has parameters such as $1');
  });

  test('ids are masked in every class, and in class 22 whatever is quoted, but the names of encodings', () => {
    expect(explain('57014', 'row 1234567890123456789').message).toContain('row 12*************6789 ');
    expect(explain('22P02', 'syntax: "A "b" 12"').message).toContain('syntax: "******12" ');
    expect(explain('22021', 'bytes for encoding "UTF8"').message).toContain('for encoding "UTF8" ');
  });
});
