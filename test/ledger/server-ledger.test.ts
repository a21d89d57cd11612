import { expect, test } from 'vitest';
import { openTestLedger, serverEngine } from '../support/ledgers.ts';

const onServer = serverEngine.missing ? test.skip : test;

onServer(
  'a statement that comes again and again is prepared once, one that comes twice is not (server Postgres)',
  async () => {
    await using opened = await openTestLedger(serverEngine);
    const { ledger } = opened;
    // One after the other, so that one connection has them all.
    for (let number = 1; number <= 20; number += 1) {
      expect(await ledger.query('select $1::integer as often', [number])).toEqual([{ often: number }]);
      if (number <= 2)
        expect(await ledger.query('select $1::integer as twice', [number])).toEqual([{ twice: number }]);
    }
    const prepared = await ledger.query<{ statement: string }>(
      'select statement from pg_prepared_statements',
    );
    expect(prepared.map(({ statement }) => statement)).toEqual(['select $1::integer as often']);
  },
);

onServer('arrays arrive as they were sent, whatever is in them (server Postgres)', async () => {
  await using opened = await openTestLedger(serverEngine);
  const texts = [
    '',
    'null',
    'NULL',
    null,
    'a,b',
    '{x}',
    '"',
    '\\',
    '\\"',
    "'",
    ' blank ',
    '결제\n\t',
    '\\\\x41',
    '""',
  ];
  const numbers = [0, -1, 2_147_483_647, null];
  const reals = [0.5, -1e-7, 123_456];
  const truths = [true, false, null];
  const rows = await opened.ledger.query(
    'select $1::text[] as texts, $2::integer[] as numbers, $3::float8[] as reals, $4::boolean[] as truths, $5::text[] as none',
    [texts, numbers, reals, truths, []],
  );
  expect(rows).toEqual([{ texts, numbers, reals, truths, none: [] }]);
});
