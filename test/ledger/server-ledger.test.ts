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
